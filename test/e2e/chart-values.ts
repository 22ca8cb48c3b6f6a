// What somebody reads off a chart of a page: its marks as values, by the labels of its axes.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const reading = readFileSync(path.join(import.meta.dirname, '..', 'browser', 'chart-values.js'), 'utf8');

export interface ChartValues {
  /** Pixels by which a label stands beside the place of its value, at most. */
  readonly off: number;
  /** Numbers that stand at x and at y. */
  readonly labels: readonly [number, number];
  readonly dots: readonly (readonly [number, number])[];
  readonly circles: readonly (readonly [number, number])[];
  readonly bars: readonly number[];
}

/** Where its axes are numbers; a name's is NaN. */
export async function chartValues(page: Page, title: string): Promise<ChartValues> {
  return page.evaluate<ChartValues>(
    `(${reading
      .trim()
      .replace(/;$/, '')
      .replace(/^(\/\/.*\n)+/, '')})(${JSON.stringify(title)})`,
  );
}

/** Within a pixel or so. @param tolerance of x and of y */
export function expectPoints(
  found: readonly (readonly [number, number])[],
  wanted: readonly (readonly [number, number])[],
  [x, y]: readonly [number, number],
): void {
  const sorted = (points: readonly (readonly [number, number])[]) => points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const [seen, told] = [sorted(found), sorted(wanted)];
  expect(seen).toHaveLength(told.length);
  for (const [i, [atX, atY]] of told.entries()) {
    expect(Math.abs((seen[i]?.[0] ?? Number.NaN) - atX), `x of point ${i}`).toBeLessThan(x);
    expect(Math.abs((seen[i]?.[1] ?? Number.NaN) - atY), `y of point ${i}`).toBeLessThan(y);
  }
}
