// Several runs in one chart. Axes hold all of every curve: what is drawn is where it was measured.

import * as Plot from '@observablehq/plot';
import { epochScale } from './charts';
import { signOf } from './compared';
import { leastOf, leastOfShares, spanOf } from './least-span';
import type { ChartProps } from './plot';

export interface ComparedCurve {
  readonly run: string;
  /** Of its colour. */
  readonly slot: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

function valuesOf(curves: readonly ComparedCurve[]): number[] {
  return curves.flatMap(({ y }) => y);
}

function marksOf(curves: readonly ComparedCurve[], curve: Plot.CurveName): Plot.Markish[] {
  return curves.flatMap(({ run, slot, x, y }) => {
    const { colour, mark } = signOf(slot);
    const data = x.map((at, i) => ({ x: at, y: y[i] ?? 0, run }));
    const stroke = `var(--${colour})`;
    return [
      Plot.lineY(data, { x: 'x', y: 'y', curve, stroke, strokeWidth: 2, ...(mark === 'dashed' && { strokeDasharray: '6 4' }) }),
      // A curve of one point has no length.
      ...(data.length === 1 ? [Plot.dot(data, { x: 'x', y: 'y', fill: stroke, r: 4 })] : []),
    ];
  });
}

function tipOf(curves: readonly ComparedCurve[], x: string, y: string): Plot.Markish {
  const all = curves.flatMap((one) => one.x.map((at, i) => ({ x: at, y: one.y[i] ?? 0, run: one.run })));
  const title = (d: { x: number; y: number; run: string }): string => `${d.run}\n${x} ${Number(d.x.toFixed(2))}: ${y} ${d.y.toFixed(4)}`;
  return Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title, maxRadius: 30 }));
}

/** Best reward against minutes since the first architecture was finished. */
export function searchComparison(curves: readonly ComparedCurve[]): ChartProps['options'] {
  return {
    height: 340,
    x: { label: 'minutes since the first architecture' },
    y: { label: 'best reward', grid: true, nice: true, ...spanOf(valuesOf(curves), leastOfShares) },
    marks: [...marksOf(curves, 'step-after'), tipOf(curves, 'minute', 'best reward')],
  };
}

/** @param areShares of 1, not of a unit */
export function trainingComparison(curves: readonly ComparedCurve[], label: string, areShares: boolean): ChartProps['options'] {
  const values = valuesOf(curves);
  const last = curves.reduce((most, { x }) => Math.max(most, x.at(-1) ?? 1), 1);
  return {
    height: 340,
    x: epochScale(last),
    y: { label, grid: true, nice: true, ...spanOf(values, areShares ? leastOfShares : leastOf(values)) },
    marks: [...marksOf(curves, 'linear'), tipOf(curves, 'epoch', label)],
  };
}
