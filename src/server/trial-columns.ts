// The finished trials of a run as columns of numbers, read bit by bit so that nobody else waits, and from then on only what
// is new. A record is half a kilobyte of JSON that a chart needs six numbers of: a hundred thousand of them take a second to
// read and are some twenty megabytes afterwards.

import { setImmediate } from 'node:timers/promises';
import type { TrialFigures, TrialStore } from '../core/search/index.js';
import type { ChoiceShare, CostName, Curve, FrontColumns, PointColumns, RunCharts, TrialNeighbours, TrialQuery, TrialSort } from './api.js';
import { readChoices } from './choices.js';
import { Effects } from './effects.js';
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
  readonly #score: string;
  #observed = 0;
  #reading: Promise<void> | undefined;
  #charts: RunCharts | undefined;
  #written: { readonly charts: RunCharts; readonly json: string } | undefined;

  readonly #index: number[] = [];
  readonly #finished: number[] = [];
  readonly #reward: number[] = [];
  readonly #costs: Record<CostName, number[]> = { parameters: [], multiplyAdds: [], latency: [] };
  readonly #failed: boolean[] = [];
  readonly #reused: boolean[] = [];
  readonly #seconds: number[] = [];
  readonly #scores: number[] = [];
  readonly #genotype: string[] = [];
  readonly #fronts: Record<CostName, FrontPoint[]> = { parameters: [], multiplyAdds: [], latency: [] };
  readonly #rises: { readonly at: number; readonly reward: number }[] = [];
  readonly #entropy = new Series();
  readonly #stopped = new Series();
  readonly #stages: number[] = [];
  readonly #ops = new ChoiceColumn();
  readonly #inputs = new ChoiceColumn();
  readonly #opEffects = new Effects();
  readonly #inputEffects = new Effects();

  #selected: { readonly key: string; readonly indices: readonly number[] } | undefined;

  /** @param score the metric beside the reward */
  constructor(store: TrialStore, id: string, score: string) {
    this.#store = store;
    this.#id = id;
    this.#score = score;
  }

  /** Of all that is finished by now. */
  async charts(): Promise<RunCharts> {
    await this.#upToDate();
    if (this.#charts?.done !== this.#index.length) this.#charts = this.#draw();
    return this.#charts;
  }

  /** {@link charts} in JSON, written once for all who look at the same state: a hundred thousand trials make half a megabyte. */
  async chartsJson(): Promise<string> {
    const charts = await this.charts();
    if (this.#written?.charts !== charts) this.#written = { charts, json: JSON.stringify(charts) };
    return this.#written.json;
  }

  /** Indices of what a table shows, in its order. */
  async select(query: TrialQuery): Promise<readonly number[]> {
    await this.#upToDate();
    const key = `${this.#index.length} ${JSON.stringify(query)}`;
    if (this.#selected?.key !== key) this.#selected = { key, indices: this.#select(query) };
    return this.#selected.indices;
  }

  /** Of a trial in a table. */
  async neighbours(index: number, query: TrialQuery): Promise<TrialNeighbours> {
    const indices = await this.select(query);
    const at = indices.indexOf(index);
    const there = (place: number): number | null => (at < 0 ? null : (indices[place] ?? null));
    return { previous: there(at - 1), next: there(at + 1), place: at < 0 ? null : at + 1, count: indices.length };
  }

  #select({ sort, descending, show, cost, op }: TrialQuery): number[] {
    const front = new Set(show === 'front' ? this.#fronts[cost].map(({ index }) => index) : []);
    const isShown = (at: number): boolean => {
      switch (show) {
        case 'all':
          return true;
        case 'trained':
          return !this.#failed[at] && !this.#reused[at];
        case 'failed':
          return this.#failed[at] === true;
        case 'front':
          return front.has(this.#index[at] ?? 0);
      }
    };
    const values = this.#column(sort);
    const places = this.#index.flatMap((_, at) => (isShown(at) && (op === undefined || this.#ops.has(at, op)) ? [at] : []));
    const sign = descending ? -1 : 1;
    places.sort((a, b) => {
      const [x, y] = [values[a] ?? Number.NaN, values[b] ?? Number.NaN];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
      return sign * (x - y) || a - b;
    });
    return places.map((at) => this.#index[at] ?? 0);
  }

  #column(sort: TrialSort): readonly number[] {
    switch (sort) {
      case 'index':
        return this.#index;
      case 'reward':
        return this.#reward;
      case 'score':
        return this.#scores;
      case 'seconds':
        return this.#seconds;
      default:
        return this.#costs[sort];
    }
  }

  async #upToDate(): Promise<void> {
    // Whoever comes meanwhile waits for the same reading.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    for (;;) {
      const rows = this.#store.figuresSince(this.#observed, chunk, this.#score);
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
    this.#reused.push(trial.reused);
    this.#seconds.push(trial.seconds);
    this.#scores.push(trial.metric);
    this.#genotype.push(trial.genotype);
    for (const name of costNames) {
      const cost = trial[name];
      this.#costs[name].push(cost);
      if (!failed && Number.isFinite(cost)) addToFront(this.#fronts[name], { index, cost, reward });
    }
    if (!failed && reward > (this.#rises.at(-1)?.reward ?? Number.NEGATIVE_INFINITY)) this.#rises.push({ at, reward });
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
    if (failed || trial.reused) return;
    this.#opEffects.add({ reward, choices: this.#ops.of(at) });
    this.#inputEffects.add({ reward, choices: this.#inputs.of(at) });
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
      opEffects: this.#opEffects.list(),
      inputEffects: this.#inputEffects.list(),
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

  /** Of those that did not fail: a failed one has no reward that would mean anything. */
  #mean(): Curve {
    return this.#curve((at) => {
      let [sum, count] = [0, 0];
      for (let i = at; i >= 0 && count < window; i--) {
        if (this.#failed[i]) continue;
        sum += this.#reward[i] ?? 0;
        count++;
      }
      return count === 0 ? undefined : sum / count;
    });
  }

  #pace(): Curve {
    // Workers that begin together end together: until there are twenty before, it is of all since the search began.
    const begun = Date.parse(this.#store.begun());
    return this.#curve((at) => {
      const isEarly = at < window;
      const time = (this.#finished[at] ?? 0) - (isEarly ? begun : (this.#finished[at - window] ?? 0));
      return time > 0 ? ((isEarly ? at + 1 : window) * 3_600_000) / time : undefined;
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

/** As many as the digits of a stored genotype can tell apart (choices.ts). */
const choices = 1000;

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

  /** What the trial at a place chose. */
  of(at: number): readonly number[] {
    return this.#all.slice(this.#starts[at], this.#starts[at + 1]);
  }

  has(at: number, choice: number): boolean {
    const end = this.#starts[at + 1] ?? this.#all.length;
    for (let i = this.#starts[at] ?? end; i < end; i++) if (this.#all[i] === choice) return true;
    return false;
  }

  /** In each tenth of the search. */
  shares(): ChoiceShare[] {
    const trials = this.#starts.length;
    const parts = Math.min(10, trials);
    const start = (p: number): number => this.#starts[Math.floor((p * trials) / parts)] ?? this.#all.length;
    return Array.from({ length: parts }, (_, p) => {
      const [from, to] = [start(p), start(p + 1)];
      const counts: number[] = new Array(choices).fill(0);
      for (let i = from; i < to; i++) counts[this.#all[i] ?? 0] = (counts[this.#all[i] ?? 0] ?? 0) + 1;
      return counts.flatMap((n, choice) => (n === 0 ? [] : [{ part: p + 1, choice, share: n / (to - from) }]));
    }).flat();
  }
}
