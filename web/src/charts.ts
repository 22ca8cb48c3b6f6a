// What is drawn of a run: rewards, pace, entropy, costs, choices. The server has thinned it out to what a chart can show.

import * as Plot from '@observablehq/plot';
import type { ChoiceShare, CostName, Curve, PointColumns, RunCharts } from '../../src/server/api.js';
import { cellOps } from '../../src/core/space/ops.js';
import { manyDots } from './plot';

type Options = Omit<Plot.PlotOptions, 'width' | 'title' | 'figure'>;

interface Point {
  readonly index: number;
  readonly observed: number;
  readonly reward: number;
  readonly genotype: string;
}

/** Where a whole number of things is counted: no ticks between two of them. */
export function countTicks(least: number, most: number): number[] {
  const rough = Math.max(1, (most - least) / 5);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((n) => n * magnitude >= rough) ?? 10) * magnitude;
  const first = Math.ceil(least / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((most - first) / step) + 1) }, (_, i) => first + i * step);
}

const evaluated = (done: number): Plot.ScaleOptions => ({ label: 'architectures evaluated', ticks: countTicks(1, done), tickFormat: ',d' });

function pointsOf({ index, observed, reward, genotype }: PointColumns): Point[] {
  return index.map((trial, i) => ({ index: trial, observed: observed[i] ?? 0, reward: reward[i] ?? 0, genotype: genotype[i] ?? '' }));
}

function valuesOf({ observed, value }: Curve): { readonly observed: number; readonly value: number }[] {
  return observed.map((at, i) => ({ observed: at, value: value[i] ?? 0 }));
}

const nearest = (x: string, y: string, data: readonly Point[]): Plot.Markish =>
  Plot.tip(data, Plot.pointer({ x, y, title: (t: Point) => `#${t.index}  reward ${t.reward.toFixed(4)}\n${t.genotype}`, maxRadius: 30 }));

export function rewardChart({ points, mean, best, done }: RunCharts): Options {
  const shown = pointsOf(points);
  return {
    x: evaluated(done),
    y: { label: 'reward', grid: true },
    marks: [
      manyDots(shown, { x: 'observed', y: 'reward', colour: 'c0' }),
      Plot.lineY(valuesOf(mean), { x: 'observed', y: 'value', stroke: 'var(--c2)', strokeWidth: 1.5 }),
      Plot.lineY(valuesOf(best), { x: 'observed', y: 'value', curve: 'step-after', stroke: 'var(--c1)', strokeWidth: 2 }),
      nearest('observed', 'reward', shown),
    ],
  };
}

export function entropyChart({ entropy, done }: RunCharts): Options {
  return {
    x: evaluated(done),
    y: { label: 'nats', grid: true },
    marks: [Plot.lineY(valuesOf(entropy), { x: 'observed', y: 'value', stroke: 'var(--c3)' })],
  };
}

export function paceChart({ pace, done }: RunCharts): Options {
  return {
    x: evaluated(done),
    y: { label: 'an hour', grid: true, zero: true },
    marks: [Plot.lineY(valuesOf(pace), { x: 'observed', y: 'value', stroke: 'var(--c0)' })],
  };
}

export function stoppedChart({ stopped, done }: RunCharts): Options {
  return {
    x: evaluated(done),
    y: { label: 'share', domain: [0, 1], grid: true },
    marks: [Plot.lineY(valuesOf(stopped), { x: 'observed', y: 'value', stroke: 'var(--c1)' })],
  };
}

export const costs: Readonly<Record<CostName, { readonly label: string; readonly unit: number }>> = {
  parameters: { label: 'parameters (M)', unit: 1e6 },
  multiplyAdds: { label: 'multiply-adds (G)', unit: 1e9 },
  latency: { label: 'latency (ms)', unit: 1 },
};

export const costNames = ['parameters', 'multiplyAdds', 'latency'] as const satisfies readonly CostName[];

export function paretoChart({ points, fronts }: RunCharts, cost: CostName): Options {
  const { label, unit } = costs[cost];
  const shown = pointsOf(points).flatMap((point, i) => {
    const value = points[cost][i];
    return value === null || value === undefined || points.failed[i] ? [] : [{ ...point, cost: value / unit }];
  });
  const front = fronts[cost];
  const best = front.cost.map((value, i) => ({ cost: value / unit, reward: front.reward[i] ?? 0, index: front.index[i] ?? 0 }));
  return {
    x: { label, nice: true },
    y: { label: 'reward', grid: true },
    marks: [
      manyDots(shown, { x: 'cost', y: 'reward', colour: 'c0' }),
      Plot.lineY(best, { x: 'cost', y: 'reward', curve: 'step-after', stroke: 'var(--c1)' }),
      Plot.dot(best, { x: 'cost', y: 'reward', fill: 'var(--c1)', r: 3.5 }),
      nearest('cost', 'reward', shown),
    ],
  };
}

/** @param order names from top to bottom; others stand behind them */
function choiceChart(shares: readonly ChoiceShare[], nameOf: (choice: number) => string, order: readonly string[]): Options {
  const data = shares.map(({ part, choice, share }) => ({ part, share, name: nameOf(choice) }));
  const names = [...new Set([...order, ...data.map(({ name }) => name)])];
  return {
    height: 70 + 22 * names.length,
    x: { label: 'tenth of the search', type: 'band', labelAnchor: 'right' },
    y: { label: null, domain: names },
    color: { type: 'linear', scheme: 'blues', domain: [0, 0.4], clamp: true },
    marks: [
      Plot.cell(data, { x: 'part', y: 'name', fill: 'share', inset: 0.5 }),
      Plot.text(data, {
        x: 'part',
        y: 'name',
        text: (d: { share: number }) => `${Math.round(100 * d.share)}`,
        fill: (d: { share: number }) => (d.share > 0.22 ? 'white' : 'black'),
      }),
    ],
  };
}

export function opChart({ ops }: RunCharts): Options {
  return choiceChart(
    ops,
    (k) => cellOps[k]?.name ?? `op ${k}`,
    cellOps.map(({ name }) => name),
  );
}

export function connectionChart({ inputs }: RunCharts): Options {
  const name = (k: number): string => (k < 4 ? `tap ${k}` : `block ${k - 3}`);
  const order = [...new Set(inputs.map(({ choice }) => choice))].toSorted((a, b) => a - b).toReversed();
  return choiceChart(inputs, name, order.map(name));
}
