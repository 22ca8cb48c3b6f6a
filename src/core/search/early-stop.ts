// What may end a candidate before its last epoch: successive halving or its learning curve within the first stage, the progressive stop behind it.
// They are kept by the search; a ticket travels with the candidate, so that a worker decides alone.

import { savedState } from '../policy/index.js';
import type { Preset } from '../preset/index.js';
import type { Random } from '../random/index.js';
import { z } from 'zod';
import { climbs, LearningCurveStop, ProgressiveStop, type RungReward, SuccessiveHalving } from '../train/index.js';
import type { CandidateTicket } from './ticket.js';

const stateSchema = z.object({
  progressive: z.object({ running: z.number(), evaluations: z.number() }).optional(),
  halving: z.array(z.array(z.number())).optional(),
  curves: z.array(z.array(z.number())).optional(),
});

export class EarlyStop {
  readonly #progressive: ProgressiveStop | undefined;
  readonly #halving: SuccessiveHalving | undefined;
  readonly #curves: LearningCurveStop | undefined;

  /** @param state what `state` gave, to go on from */
  constructor(preset: Pick<Preset, 'progressiveStop' | 'stage2' | 'halving' | 'learningCurveStop'>, state?: unknown) {
    const { progressiveStop, stage2, halving, learningCurveStop } = preset;
    const saved = savedState(stateSchema, state, 'the stored state of what ends candidates early') ?? {};
    this.#progressive = progressiveStop && stage2 && new ProgressiveStop(progressiveStop, saved.progressive);
    this.#halving = halving && new SuccessiveHalving(halving, saved.halving);
    this.#curves = learningCurveStop && new LearningCurveStop(learningCurveStop, saved.curves);
  }

  /** @param random drawn from once */
  ticket(random: Random): CandidateTicket {
    return { progressive: this.#progressive?.ticket(random), halving: (this.#halving ?? this.#curves)?.ticket() };
  }

  /** @param ticket what the candidate was measured by */
  observe({ firstReward, rungs }: { readonly firstReward: number; readonly rungs: readonly RungReward[] }, ticket?: CandidateTicket): void {
    // Who began with another's weights is ahead of the others at the same epoch.
    if (ticket?.inherited) return;
    // What was cut short has no first stage to compare others with.
    if (!wasCut(rungs, ticket)) {
      this.#progressive?.observe(firstReward);
      this.#curves?.observe(rungs, firstReward);
    }
    this.#halving?.observe(rungs);
  }

  state(): unknown {
    return { progressive: this.#progressive?.state(), halving: this.#halving?.state(), curves: this.#curves?.state() };
  }
}

/** Whether a candidate was ended before its first stage was. */
function wasCut(rungs: readonly RungReward[], ticket: CandidateTicket | undefined): boolean {
  const { halving } = ticket ?? {};
  return halving !== undefined && rungs.some((rung) => climbs(halving, rung) === false);
}
