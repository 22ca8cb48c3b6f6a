// The progressive stop (method, section 3): whether a candidate is worth its second stage.
//
//   m ← 0.99 m + 0.01 r,  m = 0.01 at first
//   go on if r > m, else only if r > m · (1 − u), u uniform in [0, δ];  δ shrinks at given numbers of evaluations

import type { Random } from '../random/index.js';

export interface ProgressiveStopRule {
  /** Of the running value m. */
  readonly decay: number;
  readonly initial: number;
  /** δ at first. */
  readonly tolerance: number;
  /** By what δ is multiplied, once that many evaluations have been made. */
  readonly multipliers: Readonly<Record<string, number>>;
}

export interface ProgressiveStopState {
  readonly running: number;
  readonly evaluations: number;
}

export class ProgressiveStop {
  readonly #rule: ProgressiveStopRule;
  #running: number;
  #evaluations: number;

  constructor(rule: ProgressiveStopRule, state?: ProgressiveStopState) {
    this.#rule = rule;
    this.#running = state?.running ?? rule.initial;
    this.#evaluations = state?.evaluations ?? 0;
  }

  /** δ after the evaluations so far. */
  get tolerance(): number {
    const { tolerance, multipliers } = this.#rule;
    return Object.entries(multipliers).reduce(
      (delta, [at, factor]) => (this.#evaluations >= Number(at) ? delta * factor : delta),
      tolerance,
    );
  }

  /** Takes a stage's reward into account and says whether the candidate goes on. @param random drawn from once */
  goesOn(reward: number, random: Random): boolean {
    const { decay } = this.#rule;
    this.#evaluations++;
    this.#running = decay * this.#running + (1 - decay) * reward;
    const u = random.next() * this.tolerance;
    return reward > this.#running || reward > this.#running * (1 - u);
  }

  state(): ProgressiveStopState {
    return { running: this.#running, evaluations: this.#evaluations };
  }
}
