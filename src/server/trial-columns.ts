// The finished trials of a run as columns of numbers, read bit by bit so that nobody else waits, and from then on only what
// is new. A record is half a kilobyte of JSON that a chart needs six numbers of: a hundred thousand of them take a second to
// read and are some twenty megabytes afterwards.

import { setImmediate } from 'node:timers/promises';
import type { TrialFigures, TrialStore } from '../core/search/index.js';
import type { ChoiceShare, CostName, Curve, FrontColumns, PointColumns, RunCharts } from './api.js';
import { readChoices } from './choices.js';
import { thinned } from './thinned.js';

/** Rows between two turns of the event loop: a few milliseconds. */
const chunk = 400;
const shownPoints = 4000;
const curvePoints = 1000;
const window = 20;
const costNames = ['parameters', 'multiplyAdds', 'latency'] as const satisfies readonly CostName[];

export class TrialColumns {
  readonly #store: TrialStore;
  readonly #id: string;
  #observed = 0;
  #reading: Promise<void> | undefined;
  #charts: RunCharts | undefined;

  readonly #index: number[] = [];
  readonly #finished: number[] = [];
  readonly #reward: number[] = [];
  readonly #costs: Record<CostName, number[]> = { parameters: [], multiplyAdds: [], latency: [] };
  readonly #failed: boolean[] = [];
  readonly #genotype: string[] = [];
  readonly #fronts: Record<CostName, FrontPoint[]> = { parameters: [], multiplyAdds: [], latency: [] };
  readonly #rises: { readonly at: number; readonly reward: number }[] = [];
  readonly #entropy = new Series();
  readonly #stopped = new Series();
  readonly #stages: number[] = [];
  readonly #ops = new ChoiceColumn();
  readonly #inputs = new ChoiceColumn();

  constructor(store: TrialStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** Of all that is finished by now. */
  async charts(): Promise<RunCharts> {
    // Whoever comes meanwhile waits for the same reading.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    if (this.#charts?.done !== this.#index.length) this.#charts = this.#draw();
    return this.#charts;
  }

  async #read(): Promise<void> {
    for (;;) {
      const rows = this.#store.figuresSince(this.#observed, chunk);
      for (const row of rows) this.#add(row);
      if (rows.length < chunk) return;
      await setImmediate();
    }
  }

  #add(trial: TrialFigures): void {
    const at = this.#index.length;
    const { index, failed } = trial;
    const reward = Number.isFinite(trial.reward) ? trial.reward : 0;
    this.#observed = trial.observed;
    this.#index.push(index);
    this.#finished.push(Date.parse(trial.finished));
    this.#reward.push(reward);
    this.#failed.push(failed);
    this.#genotype.push(trial.genotype);
    for (const name of costNames) {
      const cost = trial[name];
      this.#costs[name].push(cost);
      if (!failed && Number.isFinite(cost)) addToFront(this.#fronts[name], { index, cost, reward });
    }
    if (reward > (this.#rises.at(-1)?.reward ?? Number.NEGATIVE_INFINITY)) this.#rises.push({ at, reward });
    if (Number.isFinite(trial.entropy)) this.#entropy.push(at + 1, trial.entropy);
    if (!failed && !trial.reused) {
      this.#stages.push(trial.stage);
      const first = Math.max(0, this.#stages.length - window);
      let stopped = 0;
      for (let i = first; i < this.#stages.length; i++) if (this.#stages[i] === 1) stopped++;
      this.#stopped.push(at + 1, stopped / (this.#stages.length - first));
    }
    this.#ops.begin();
    this.#inputs.begin();
    readChoices(
      trial.genotype,
      (op) => this.#ops.push(op),
      (input) => this.#inputs.push(input),
    );
  }

  #draw(): RunCharts {
    const done = this.#index.length;
    const { fronts, ...best } = { fronts: this.#fronts, ...this.#best() };
    return {
      id: this.#id,
      done,
      points: this.#points(),
      best,
      mean: this.#mean(),
      pace: this.#pace(),
      entropy: this.#entropy.thinned(),
      stopped: this.#stopped.thinned(),
      fronts: {
        parameters: columnsOf(fronts.parameters),
        multiplyAdds: columnsOf(fronts.multiplyAdds),
        latency: columnsOf(fronts.latency),
      },
      ops: this.#ops.shares(),
      inputs: this.#inputs.shares(),
    };
  }

  /** All, or evenly taken ones with every rise of the best and everything on a front among them. */
  #points(): PointColumns {
    const places = new Set(thinned(this.#index.length, shownPoints));
    if (places.size < this.#index.length) {
      for (const { at } of this.#rises) places.add(at);
      const front = new Set(costNames.flatMap((name) => this.#fronts[name].map(({ index }) => index)));
      for (const [at, index] of this.#index.entries()) if (front.has(index)) places.add(at);
    }
    const order = [...places].sort((a, b) => a - b);
    const numbers = (values: readonly number[]): number[] => order.map((at) => values[at] ?? 0);
    const known = (values: readonly number[]): (number | null)[] => order.map((at) => finiteOrNull(values[at]));
    return {
      index: numbers(this.#index),
      observed: order.map((at) => at + 1),
      reward: numbers(this.#reward),
      parameters: known(this.#costs.parameters),
      multiplyAdds: known(this.#costs.multiplyAdds),
      latency: known(this.#costs.latency),
      failed: order.map((at) => this.#failed[at] ?? false),
      genotype: order.map((at) => this.#genotype[at] ?? ''),
    };
  }

  #best(): RunCharts['best'] {
    const last = this.#index.length - 1;
    const points = this.#rises.map(({ at, reward }) => ({ at, reward }));
    const top = points.at(-1);
    if (top && top.at < last) points.push({ at: last, reward: top.reward });
    const first = this.#finished[0] ?? 0;
    return {
      observed: points.map(({ at }) => at + 1),
      value: points.map(({ reward }) => reward),
      minutes: points.map(({ at }) => ((this.#finished[at] ?? first) - first) / 60_000),
    };
  }

  #mean(): Curve {
    return this.#curve((at) => {
      const last = this.#reward.slice(Math.max(0, at + 1 - window), at + 1);
      return last.reduce((a, b) => a + b, 0) / last.length;
    });
  }

  #pace(): Curve {
    return this.#curve((at) => {
      const before = Math.max(0, at - window);
      const time = (this.#finished[at] ?? 0) - (this.#finished[before] ?? 0);
      return time > 0 ? ((at - before) * 3_600_000) / time : undefined;
    });
  }

  #curve(valueAt: (at: number) => number | undefined): Curve {
    const series = new Series();
    for (const at of thinned(this.#index.length, curvePoints)) {
      const value = valueAt(at);
      if (value !== undefined) series.push(at + 1, value);
    }
    return series.thinned();
  }
}

interface FrontPoint {
  readonly index: number;
  readonly cost: number;
  readonly reward: number;
}

/** Cheapest first, and each better than the one before; those that the new one beats go. */
function addToFront(front: FrontPoint[], point: FrontPoint): void {
  const place = front.findIndex(({ cost }) => cost > point.cost);
  const at = place < 0 ? front.length : place;
  const cheaper = front[at - 1];
  if (point.reward <= (cheaper?.reward ?? 0)) return;
  const from = cheaper?.cost === point.cost ? at - 1 : at;
  const beaten = front.slice(at).findIndex(({ reward }) => reward > point.reward);
  const to = beaten < 0 ? front.length : at + beaten;
  front.splice(from, to - from, point);
}

function columnsOf(front: readonly FrontPoint[]): FrontColumns {
  return {
    index: front.map(({ index }) => index),
    cost: front.map(({ cost }) => cost),
    reward: front.map(({ reward }) => reward),
  };
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

class Series {
  readonly #observed: number[] = [];
  readonly #value: number[] = [];

  push(observed: number, value: number): void {
    this.#observed.push(observed);
    this.#value.push(value);
  }

  thinned(): Curve {
    const places = thinned(this.#observed.length, curvePoints);
    return { observed: places.map((i) => this.#observed[i] ?? 0), value: places.map((i) => this.#value[i] ?? 0) };
  }
}

/** What every trial chose, one behind the other. */
class ChoiceColumn {
  readonly #all: number[] = [];
  /** Where each trial's begin. */
  readonly #starts: number[] = [];

  /** Of the next trial. */
  begin(): void {
    this.#starts.push(this.#all.length);
  }

  push(choice: number): void {
    this.#all.push(choice);
  }

  /** In each tenth of the search. */
  shares(): ChoiceShare[] {
    const trials = this.#starts.length;
    const parts = Math.min(10, trials);
    const start = (p: number): number => this.#starts[Math.floor((p * trials) / parts)] ?? this.#all.length;
    return Array.from({ length: parts }, (_, p) => {
      const [from, to] = [start(p), start(p + 1)];
      const counts = new Map<number, number>();
      for (let i = from; i < to; i++) {
        const choice = this.#all[i] ?? 0;
        counts.set(choice, (counts.get(choice) ?? 0) + 1);
      }
      return [...counts].map(([choice, n]) => ({ part: p + 1, choice, share: n / (to - from) }));
    }).flat();
  }
}
