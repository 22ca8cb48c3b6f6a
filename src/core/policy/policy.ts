// What a search needs of a strategy: it proposes genotypes and learns from their rewards.

import { z } from 'zod';
import type { Genotype } from '../space/index.js';
import type { Costs } from './objectives.js';

export interface Proposal {
  readonly genotype: Genotype;
  /** ln of the probability with which the policy of that moment proposed it; absent where there is no such thing. */
  readonly logProbability?: number;
  /** What it was made from by a small change, where that is so: it may begin with that one's weights. */
  readonly parent?: Genotype | undefined;
}

/** What is known of an evaluated architecture beside its reward. */
export interface Outcome {
  readonly costs: Costs;
  /** It could not be trained. */
  readonly failed: boolean;
}

export interface Policy {
  readonly name: string;
  propose(): Promise<Proposal>;
  /** @param reward in 0 … 1; a failed architecture has 0 */
  observe(proposal: Proposal, reward: number, outcome?: Outcome): Promise<PolicyReport>;
  /**
   * What it proposed is beyond a limit and will not be evaluated; it is asked again.
   * @param violation by how much, as a share of the limits: above 0
   */
  refuse?(proposal: Proposal, violation: number): Promise<PolicyReport>;
  /** Everything needed to go on later exactly as if there had been no interruption, as plain JSON. */
  state(): unknown;
  close(): Promise<void>;
}

/** Figures on the policy after an observation, for the record. */
export interface PolicyReport {
  /** Mean entropy of a decision, in nats. */
  readonly entropy?: number;
  readonly baseline?: number;
  /** What reward was expected of it, and with what deviation. */
  readonly predicted?: number;
  readonly uncertainty?: number;
  /** Updates that would have made a value of the policy NaN or infinite, and were not made. */
  readonly dropped?: number | undefined;
}

/** Size of the space: blocks of the decoder, rounds of the cell. */
export interface SpaceSize {
  readonly blocks: number;
  readonly rounds: number;
}

export const randomStateSchema = z.object({ seed: z.number(), generator: z.array(z.number()) });
