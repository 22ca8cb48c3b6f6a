// How clearly the marks of a page's charts are seen.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

const measuring = readFileSync(path.join(import.meta.dirname, '..', 'browser', 'chart-marks.js'), 'utf8');

export interface ChartMark {
  /** Of its chart. */
  readonly title: string;
  /** Against the card, 1 to 21. */
  readonly contrast: number;
  /** True where the chart has no key. */
  readonly isInKey: boolean;
}

export function chartMarks(page: Page): Promise<ChartMark[]> {
  return page.evaluate<ChartMark[]>(measuring);
}
