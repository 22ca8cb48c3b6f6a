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

  /** δ after so many evaluations. */
  #toleranceAt(evaluations: number): number {
    const { tolerance, multipliers } = this.#rule;
    return Object.entries(multipliers).reduce((delta, [at, factor]) => (evaluations >= Number(at) ? delta * factor : delta), tolerance);
  }

  /** δ after the evaluations so far. */
  get tolerance(): number {
    return this.#toleranceAt(this.#evaluations);
  }

  /** What the next candidate is measured by, wherever it is evaluated. @param random drawn from once */
  ticket(random: Random): StopTicket {
    const { decay } = this.#rule;
    return { running: this.#running, decay, share: random.next() * this.#toleranceAt(this.#evaluations + 1) };
  }

  /** Takes a first stage's reward into account. */
  observe(reward: number): void {
    const { decay } = this.#rule;
    this.#evaluations++;
    this.#running = decay * this.#running + (1 - decay) * reward;
  }

  state(): ProgressiveStopState {
    return { running: this.#running, evaluations: this.#evaluations };
  }
}

export interface StopTicket {
  /** m before this candidate. */
  readonly running: number;
  readonly decay: number;
  /** u, by how much of m the reward may fall short. */
  readonly share: number;
}

/** Whether a candidate whose first stage earned this reward goes on. */
export function goesOn({ running, decay, share }: StopTicket, reward: number): boolean {
  const updated = decay * running + (1 - decay) * reward;
  return reward > updated || reward > updated * (1 - share);
}
