// Random search: every decision uniform. The baseline that a learning strategy has to beat.

import { z } from 'zod';
import { type Random, restoreRandom } from '../random/index.js';
import { decisionsOf, drawChoices, genotypeFromChoices } from './decisions.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { savedState } from './saved-state.js';

const stateSchema = z.object({ random: randomStateSchema });

export class RandomSearch implements Policy {
  readonly name = 'random';
  readonly #space: SpaceSize;
  readonly #random: Random;

  constructor(space: SpaceSize, random: Random, state?: unknown) {
    this.#space = space;
    const saved = savedState(stateSchema, state);
    this.#random = saved ? restoreRandom(saved.random) : random;
  }

  async propose(): Promise<Proposal> {
    return { genotype: genotypeFromChoices(drawChoices(decisionsOf(this.#space), this.#random), this.#space) };
  }

  async observe(): Promise<PolicyReport> {
    return {};
  }

  state(): unknown {
    return { random: this.#random.state() };
  }

  async close(): Promise<void> {}
}
