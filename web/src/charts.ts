// What is drawn of a run: rewards, pace, entropy, costs, choices.

import * as Plot from '@observablehq/plot';
import type { RunView, TrialPoint } from '../../src/server/api.js';
import { cellOps } from '../../src/space/ops.js';
import { manyDots } from './plot';

type Options = Omit<Plot.PlotOptions, 'width' | 'title' | 'figure'>;

const nearest = (x: string, y: string, data: readonly TrialPoint[]): Plot.Markish =>
  Plot.tip(
    data,
    Plot.pointer({ x, y, title: (t: TrialPoint) => `#${t.index}  reward ${t.reward.toFixed(4)}\n${t.genotype}`, maxRadius: 30 }),
  );

/** Running best, and the mean of the last `window`. */
export function curves(
  trials: readonly TrialPoint[],
  window = 20,
): { readonly observed: number; readonly best: number; readonly mean: number }[] {
  let best = 0;
  let sum = 0;
  return trials.map(({ reward, observed }, i) => {
    best = Math.max(best, reward);
    sum += reward - (trials[i - window]?.reward ?? 0);
    return { observed, best, mean: sum / Math.min(window, i + 1) };
  });
}

export function rewardChart(trials: readonly TrialPoint[]): Options {
  const lines = curves(trials);
  return {
    x: { label: 'architectures evaluated' },
    y: { label: 'reward', grid: true },
    marks: [
      manyDots(trials, { x: 'observed', y: 'reward', colour: 'c0' }),
      Plot.lineY(lines, { x: 'observed', y: 'mean', stroke: 'var(--c2)', strokeWidth: 1.5 }),
      Plot.lineY(lines, { x: 'observed', y: 'best', curve: 'step-after', stroke: 'var(--c1)', strokeWidth: 2 }),
      nearest('observed', 'reward', trials),
    ],
  };
}

export function entropyChart(trials: readonly TrialPoint[]): Options {
  const known = trials.filter(({ entropy }) => entropy !== null);
  return {
    x: { label: 'architectures evaluated' },
    y: { label: 'nats', grid: true },
    marks: [Plot.lineY(known, { x: 'observed', y: 'entropy', stroke: 'var(--c3)' })],
  };
}

/** By the clock, over the twenty before each. */
export function paceChart(trials: readonly TrialPoint[]): Options {
  const window = 20;
  const pace = trials.flatMap(({ observed, finished }, i) => {
    const before = trials[Math.max(0, i - window)];
    return before && finished > before.finished
      ? [{ observed, pace: ((i - Math.max(0, i - window)) * 3_600_000) / (finished - before.finished) }]
      : [];
  });
  return {
    x: { label: 'architectures evaluated' },
    y: { label: 'an hour', grid: true, zero: true },
    marks: [Plot.lineY(pace, { x: 'observed', y: 'pace', stroke: 'var(--c0)' })],
  };
}

/** Share of those that ended after the first stage, over the twenty before each. */
export function stoppedChart(trials: readonly TrialPoint[]): Options {
  const own = trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);
  const share = own.map(({ observed }, i) => {
    const last = own.slice(Math.max(0, i - 19), i + 1);
    return { observed, share: last.filter(({ stage }) => stage === 1).length / last.length };
  });
  return {
    x: { label: 'architectures evaluated' },
    y: { label: 'share', domain: [0, 1], grid: true },
    marks: [Plot.lineY(share, { x: 'observed', y: 'share', stroke: 'var(--c1)' })],
  };
}

export const costs = {
  parameters: { label: 'parameters (M)', of: (t: TrialPoint): number => t.parameters / 1e6 },
  multiplyAdds: { label: 'multiply-adds (G)', of: (t: TrialPoint): number => t.multiplyAdds / 1e9 },
  latency: { label: 'latency (ms)', of: (t: TrialPoint): number => t.latency ?? Number.NaN },
} as const;

export type CostName = keyof typeof costs;

/** Those that no other one beats in reward and this cost at once, cheapest first. */
export function front(trials: readonly TrialPoint[], cost: CostName): TrialPoint[] {
  const { of } = costs[cost];
  const found: TrialPoint[] = [];
  for (const trial of trials
    .filter((t) => t.error === undefined && Number.isFinite(of(t)))
    .toSorted((a, b) => of(a) - of(b) || b.reward - a.reward))
    if (trial.reward > (found.at(-1)?.reward ?? 0)) found.push(trial);
  return found;
}

export function paretoChart(trials: readonly TrialPoint[], cost: CostName): Options {
  const { of, label } = costs[cost];
  const shown = trials.filter((t) => t.error === undefined && Number.isFinite(of(t))).map((t) => ({ ...t, cost: of(t) }));
  const best = front(trials, cost).map((t) => ({ ...t, cost: of(t) }));
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

/** How often each choice was made in each tenth of the search. @param choices of one genotype */
function frequencies(
  trials: readonly TrialPoint[],
  choices: (genotype: string) => readonly string[],
): { part: number; name: string; share: number }[] {
  const parts = Math.min(10, trials.length);
  return Array.from({ length: parts }, (_, p) => {
    const some = trials.slice(Math.floor((p * trials.length) / parts), Math.floor(((p + 1) * trials.length) / parts));
    const all = some.flatMap(({ genotype }) => choices(genotype));
    const counts = new Map<string, number>();
    for (const name of all) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, n]) => ({ part: p + 1, name, share: n / all.length }));
  }).flat();
}

function choiceChart(data: readonly { part: number; name: string; share: number }[], names: readonly string[]): Options {
  return {
    height: 70 + 22 * names.length,
    marginLeft: 150,
    x: { label: 'tenth of the search', type: 'band', labelAnchor: 'right' },
    y: { label: null, domain: [...names] },
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

export function opChart(trials: readonly TrialPoint[]): Options {
  const ops = (genotype: string): string[] => {
    const [[first, ...rounds]]: [[number, ...number[][]]] = JSON.parse(genotype);
    return [first, ...rounds.flatMap(([, , a = 0, b = 0]) => [a, b])].map((k) => cellOps[k]?.name ?? String(k));
  };
  return choiceChart(
    frequencies(trials, ops),
    cellOps.map(({ name }) => name),
  );
}

export function connectionChart(trials: readonly TrialPoint[]): Options {
  const name = (k: number): string => (k < 4 ? `tap ${k}` : `block ${k - 3}`);
  const inputs = (genotype: string): string[] => {
    const [, pairs]: [unknown, number[][]] = JSON.parse(genotype);
    return pairs.flat().map(name);
  };
  const data = frequencies(trials, inputs);
  return choiceChart(data, [...new Set(data.map((d) => d.name))].toSorted().toReversed());
}

/** Best reward of several runs against time since the first architecture was finished, in minutes. */
export function comparisonChart(runs: readonly RunView[]): Options {
  const data = runs.flatMap(({ run, trials }) => {
    const first = trials[0]?.finished ?? 0;
    const best = curves(trials);
    return trials.map(({ finished }, i) => ({ run, minutes: (finished - first) / 60_000, best: best[i]?.best ?? 0 }));
  });
  const most = data.reduce((a, { best }) => Math.max(a, best), 0);
  return {
    height: 340,
    marginRight: 90,
    x: { label: 'minutes since the first architecture' },
    // Where they differ.
    y: { label: 'best reward', grid: true, domain: [0.9 * most, 1.01 * most], clamp: true },
    color: { range: ['var(--c0)', 'var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)'] },
    marks: [
      Plot.lineY(data, { x: 'minutes', y: 'best', stroke: 'run', curve: 'step-after', strokeWidth: 2 }),
      Plot.text(data, Plot.selectLast({ x: 'minutes', y: 'best', z: 'run', text: 'run', fill: 'run', textAnchor: 'start', dx: 6 })),
    ],
  };
}
