// Curves of a training by epoch.

import * as Plot from '@observablehq/plot';
import type { EpochPoint } from '../../src/server/api.js';
import { headline } from '../../src/core/task/metric-names.js';
import { epochScale } from './charts';
import type { KeyEntry } from './chart-key';
import { leastOf, leastOfShares, spanOf } from './least-span';
import type { ChartProps } from './plot';

type Curves = Pick<ChartProps, 'options' | 'keyOf'>;

interface Named {
  readonly name: string;
  readonly value: (point: EpochPoint) => number | null | undefined;
}

/** @param least how far the ends of its scale are apart at least; absent: by its values */
function curves(history: readonly EpochPoint[], lines: readonly Named[], y: Plot.ScaleOptions, least?: number): Curves {
  const data = lines.map(({ name, value }, k) => ({
    name,
    colour: `c${k}`,
    points: history.flatMap((point) => {
      const at = value(point);
      return at === null || at === undefined || !Number.isFinite(at) ? [] : [{ epoch: point.epoch, value: at, name }];
    }),
  }));
  const shown = data.filter(({ points }) => points.length > 0);
  const all = shown.flatMap(({ points }) => points);
  const values = all.map(({ value }) => value);
  const keyOf = shown.map(({ name, colour }): KeyEntry => ({ name, colour, mark: 'line' }));
  return {
    options: {
      x: epochScale(history.length),
      y: { grid: true, nice: true, ...(y.zero ? {} : spanOf(values, least ?? leastOf(values))), ...y },
      marks: [
        ...shown.flatMap(({ colour, points }) => [
          Plot.lineY(points, { x: 'epoch', y: 'value', stroke: `var(--${colour})`, strokeWidth: 1.5 }),
          ...(points.length <= mostDots ? [Plot.dot(points, { x: 'epoch', y: 'value', fill: `var(--${colour})`, r: 2.5 })] : []),
        ]),
        Plot.tip(
          all,
          Plot.pointer({
            x: 'epoch',
            y: 'value',
            title: (d: { epoch: number; value: number; name: string }) => `epoch ${d.epoch}\n${d.name} ${Number(d.value.toPrecision(4))}`,
          }),
        ),
      ],
    },
    keyOf: keyOf.length > 1 || lines.length > 1 ? keyOf : undefined,
  };
}

/** More would be a band. */
const mostDots = 60;

export function lossChart(history: readonly EpochPoint[]): Curves {
  const isOf =
    (stage: 1 | 2) =>
    (point: EpochPoint): number | undefined =>
      point.stage === stage ? point.loss : undefined;
  // The two stages have other losses: with the teacher's and without.
  const both = [
    { name: 'whole network', value: isOf(2) },
    { name: 'decoder alone', value: isOf(1) },
  ];
  return curves(
    history,
    both.filter(({ value }) => history.some((point) => value(point) !== undefined)),
    { label: 'loss' },
  );
}

export function rateChart(history: readonly EpochPoint[]): Curves {
  const lines = [
    { name: 'decoder', value: ({ learningRate }: EpochPoint) => learningRate },
    { name: 'encoder', value: ({ encoderLearningRate }: EpochPoint) => encoderLearningRate },
  ];
  return curves(history, lines, { label: 'rate', zero: true });
}

/** Shares of 1 in one chart; what has a unit in its own. */
export function metricCharts(history: readonly EpochPoint[]): (Curves & { readonly title: string })[] {
  const validated = history.findLast(({ metrics }) => metrics !== null);
  const told = headline(validated?.metrics ?? {});
  const lineOf = ({ metric, name }: (typeof told)[number]): Named => ({ name, value: ({ metrics }) => metrics?.[metric] });
  const shares = told.filter(({ name }) => !name.endsWith('(m)'));
  const others = told.filter(({ name }) => name.endsWith('(m)'));
  return [
    ...(shares.length > 0
      ? [
          {
            title: `Validation: ${shares.map(({ name }) => name).join(', ')}`,
            ...curves(history, shares.map(lineOf), { label: 'share' }, leastOfShares),
          },
        ]
      : []),
    ...others.map((other) => ({ title: `Validation: ${other.name}`, ...curves(history, [lineOf(other)], { label: other.name }) })),
  ];
}
