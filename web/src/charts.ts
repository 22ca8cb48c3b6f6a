// What is drawn of a run: rewards, pace, entropy, costs, choices. The server has thinned it out to what a chart can show.

import * as Plot from '@observablehq/plot';
import type { ChoiceShare, CostName, Curve, PointColumns, RunCharts } from '../../src/server/api.js';
import { cellOps } from '../../src/core/space/ops.js';
import { inputName, opName } from './choice-names';
import { leastOfShares, spanOf } from './least-span';
import { partLabel } from './part-label';
import { type ChartProps, manyDots } from './plot';

/** A chart's options, with its key. */
type Drawn = Pick<ChartProps, 'options' | 'keyOf'>;

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

/** From the first epoch on, whether or not it was validated. */
export function epochScale(last: number): Plot.ScaleOptions {
  return { label: 'epoch', domain: [1, Math.max(2, last)], ticks: countTicks(1, last), tickFormat: ',d' };
}

const evaluated = (done: number): Plot.ScaleOptions => ({ label: 'architectures evaluated', ticks: countTicks(1, done), tickFormat: ',d' });

function pointsOf({ index, observed, reward, genotype }: PointColumns): Point[] {
  return index.map((trial, i) => ({ index: trial, observed: observed[i] ?? 0, reward: reward[i] ?? 0, genotype: genotype[i] ?? '' }));
}

function valuesOf({ observed, value }: Curve): { readonly observed: number; readonly value: number }[] {
  return observed.map((at, i) => ({ observed: at, value: value[i] ?? 0 }));
}

/** Of the choices in a tenth of a search; more is as dark. */
const mostShare = 0.4;

/** From pale to dark. */
export function shareScale(most: number): Plot.ScaleOptions {
  return { type: 'linear', scheme: 'blues', domain: [0, most], clamp: true };
}

/** What can be read on the scale's colour: white where that has at least as much contrast as black. @param share of the darkest, 0 to 1 */
export function textOn(share: number): 'white' | 'black' {
  return share > 0.72 ? 'white' : 'black';
}

/** Of rewards, failed architectures left out. */
function rewardScale(rewards: Iterable<number>): Plot.ScaleOptions {
  return { label: 'reward', grid: true, nice: true, ...spanOf(rewards, leastOfShares) };
}

const nearest = (x: string, y: string, data: readonly Point[]): Plot.Markish =>
  Plot.tip(data, Plot.pointer({ x, y, title: (t: Point) => `#${t.index}  reward ${t.reward.toFixed(4)}\n${t.genotype}`, maxRadius: 30 }));

export function rewardChart({ points, mean, best, done }: RunCharts): Drawn {
  const all = pointsOf(points);
  const [shown, failed] = [all.filter((_, i) => !points.failed[i]), all.filter((_, i) => points.failed[i])];
  return {
    options: {
      x: evaluated(done),
      y: rewardScale(shown.map(({ reward }) => reward)),
      marks: [
        manyDots(shown, { x: 'observed', y: 'reward', colour: 'c0' }),
        Plot.lineY(valuesOf(mean), { x: 'observed', y: 'value', stroke: 'var(--c2)', strokeWidth: 1.5 }),
        Plot.lineY(valuesOf(best), { x: 'observed', y: 'value', curve: 'step-after', stroke: 'var(--c1)', strokeWidth: 2 }),
        // They have no reward: where they came stands at the edge, and the scale is the others'.
        Plot.dot(failed, { x: 'observed', frameAnchor: 'bottom', dy: -5, symbol: 'times', stroke: 'var(--c5)', strokeWidth: 2, r: 4 }),
        nearest('observed', 'reward', shown),
        Plot.tip(
          failed,
          Plot.pointerX({ x: 'observed', frameAnchor: 'bottom', title: (t: Point) => `#${t.index} failed\n${t.genotype}`, maxRadius: 8 }),
        ),
      ],
    },
    keyOf: [
      { name: 'an architecture', colour: 'c0', mark: 'dot' },
      { name: 'mean of the 20 before', colour: 'c2', mark: 'line' },
      { name: 'best so far', colour: 'c1', mark: 'line' },
      ...(failed.length > 0 ? [{ name: 'failed (at the lower edge)', colour: 'c5', mark: 'cross' } as const] : []),
    ],
  };
}

export function entropyChart({ entropy, done }: RunCharts): Drawn {
  return lineChart(entropy, { done, label: 'nats', name: 'entropy', colour: 'c3' });
}

export function paceChart({ pace, done }: RunCharts): Drawn {
  return lineChart(pace, { done, label: 'an hour', name: 'over the 20 before, by the clock', colour: 'c0', scale: { zero: true } });
}

export function stoppedChart({ stopped, done }: RunCharts): Drawn {
  return lineChart(stopped, { done, label: 'share', name: 'of the 20 before', colour: 'c1', scale: { domain: [0, 1] } });
}

interface LineOptions {
  readonly done: number;
  readonly label: string;
  readonly name: string;
  readonly colour: string;
  readonly scale?: Plot.ScaleOptions;
}

function lineChart(curve: Curve, { done, label, name, colour, scale }: LineOptions): Drawn {
  return {
    options: {
      x: evaluated(done),
      y: { label, grid: true, ...scale },
      marks: [Plot.lineY(valuesOf(curve), { x: 'observed', y: 'value', stroke: `var(--${colour})` })],
    },
    keyOf: [{ name, colour, mark: 'line' }],
  };
}

export const costs: Readonly<Record<CostName, { readonly label: string; readonly unit: number }>> = {
  parameters: { label: 'parameters (M)', unit: 1e6 },
  multiplyAdds: { label: 'multiply-adds (G)', unit: 1e9 },
  latency: { label: 'latency (ms)', unit: 1 },
};

export const costNames = ['parameters', 'multiplyAdds', 'latency'] as const satisfies readonly CostName[];

export function paretoChart({ points, fronts }: RunCharts, cost: CostName): Drawn {
  const { label, unit } = costs[cost];
  const shown = pointsOf(points).flatMap((point, i) => {
    const value = points[cost][i];
    return value === null || value === undefined || points.failed[i] ? [] : [{ ...point, cost: value / unit }];
  });
  const front = fronts[cost];
  const best = front.cost.map((value, i) => ({ cost: value / unit, reward: front.reward[i] ?? 0, index: front.index[i] ?? 0 }));
  return {
    options: {
      x: { label, nice: true },
      y: rewardScale([...shown, ...best].map(({ reward }) => reward)),
      marks: [
        manyDots(shown, { x: 'cost', y: 'reward', colour: 'c0' }),
        Plot.lineY(best, { x: 'cost', y: 'reward', curve: 'step-after', stroke: 'var(--c1)' }),
        Plot.dot(best, { x: 'cost', y: 'reward', fill: 'var(--c1)', r: 3.5 }),
        nearest('cost', 'reward', shown),
      ],
    },
    keyOf: [
      { name: 'an architecture', colour: 'c0', mark: 'dot' },
      { name: 'on the front', colour: 'c1', mark: 'dot' },
      { name: 'the best at this cost or less', colour: 'c1', mark: 'line' },
    ],
  };
}

/** @param done architectures, of which ten or fewer stand singly @param order names from top to bottom; others stand behind them */
function choiceChart(shares: readonly ChoiceShare[], done: number, nameOf: (choice: number) => string, order: readonly string[]): Drawn {
  const data = shares.map(({ part, choice, share }) => ({ part, share, name: nameOf(choice) }));
  const names = [...new Set([...order, ...data.map(({ name }) => name)])];
  return {
    options: {
      height: 70 + 22 * names.length,
      x: { label: partLabel(done), type: 'band', labelAnchor: 'right' },
      y: { label: null, domain: names },
      color: shareScale(mostShare),
      marks: [
        Plot.cell(data, { x: 'part', y: 'name', fill: 'share', inset: 0.5 }),
        Plot.text(data, {
          x: 'part',
          y: 'name',
          text: (d: { share: number }) => `${Math.round(100 * d.share)}`,
          fill: (d: { share: number }) => textOn(d.share / mostShare),
        }),
      ],
    },
  };
}

export function opChart({ ops, done }: RunCharts): Drawn {
  return choiceChart(
    ops,
    done,
    opName,
    cellOps.map(({ name }) => name),
  );
}

export function connectionChart({ inputs, done }: RunCharts): Drawn {
  const order = [...new Set(inputs.map(({ choice }) => choice))].toSorted((a, b) => a - b).toReversed();
  return choiceChart(inputs, done, inputName, order.map(inputName));
}
