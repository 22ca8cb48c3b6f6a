// Asynchronous successive halving (L. Li et al., "A System for Massively Parallel Hyperparameter Tuning", arXiv 1810.05934)
// over the epochs of the first stage, in its stopping form: after a rung's epoch a candidate is validated, and goes on only
// if it is among the best 1/η of all that have been there.

export interface HalvingRule {
  /** Epochs after which candidates are compared. */
  readonly rungs: readonly number[];
  /** η: of how many one goes on. */
  readonly eta: number;
}

export interface RungReward {
  readonly epoch: number;
  readonly reward: number;
}

/** Per rung the reward that must be exceeded; null where everybody goes on. */
export type HalvingTicket = readonly { readonly epoch: number; readonly threshold: number | null }[];

/** Rewards at each rung, largest first. */
export type HalvingState = readonly (readonly number[])[];

export class SuccessiveHalving {
  readonly #rule: HalvingRule;
  readonly #rewards: number[][];

  constructor(rule: HalvingRule, state?: HalvingState) {
    this.#rule = rule;
    this.#rewards = rule.rungs.map((_, i) => [...(state?.[i] ?? [])]);
  }

  /** What the next candidate is measured by, wherever it is evaluated. */
  ticket(): HalvingTicket {
    const { rungs, eta } = this.#rule;
    return rungs.map((epoch, i) => {
      const rewards = this.#rewards[i] ?? [];
      // With the candidate itself there are n + 1, of which ⌊(n + 1)/η⌋ go on, one at least: it must beat that many.
      const places = Math.max(1, Math.floor((rewards.length + 1) / eta));
      return { epoch, threshold: rewards[places - 1] ?? null };
    });
  }

  /** Takes a candidate's rewards at the rungs that it reached into account. */
  observe(rungs: readonly RungReward[]): void {
    for (const { epoch, reward } of rungs) {
      const rewards = this.#rewards[this.#rule.rungs.indexOf(epoch)];
      rewards?.push(reward);
      rewards?.sort((a, b) => b - a);
    }
  }

  state(): HalvingState {
    return this.#rewards.map((rewards) => [...rewards]);
  }
}

/** Whether a candidate goes on behind this epoch; undefined when the epoch is no rung. */
export function climbs(ticket: HalvingTicket, { epoch, reward }: RungReward): boolean | undefined {
  const rung = ticket.find((candidate) => candidate.epoch === epoch);
  return rung && (rung.threshold === null || reward > rung.threshold);
}
