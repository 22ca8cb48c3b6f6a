// Regularised evolution (E. Real et al., "Regularized Evolution for Image Classifier Architecture Search",
// arXiv 1802.01548): a population in the order of age; the best of a random sample becomes a parent, its child differs in one
// decision, and with every child the oldest one dies.

import { z } from 'zod';
import { type Random, restoreRandom } from '../random/index.js';
import { choicesOf, decisionsOf, drawChoices, genotypeFromChoices, mutatedChoices } from './decisions.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { savedState } from './saved-state.js';

export interface EvolutionOptions {
  /** P: how many are alive. */
  readonly population: number;
  /** S: of how many the parent is the best. */
  readonly sample: number;
}

const memberSchema = z.object({ choices: z.array(z.number()), reward: z.number() });
const stateSchema = z.object({ random: randomStateSchema, proposed: z.number(), population: z.array(memberSchema) });

export class Evolution implements Policy {
  readonly name = 'evolution';
  readonly #space: SpaceSize;
  readonly #options: EvolutionOptions;
  readonly #random: Random;
  #population: readonly z.infer<typeof memberSchema>[];
  #proposed: number;

  constructor(space: SpaceSize, options: EvolutionOptions, random: Random, state?: unknown) {
    const saved = savedState(stateSchema, state);
    this.#space = space;
    this.#options = options;
    this.#random = saved ? restoreRandom(saved.random) : random;
    this.#population = saved?.population ?? [];
    this.#proposed = saved?.proposed ?? 0;
  }

  async propose(): Promise<Proposal> {
    this.#proposed++;
    const decisions = decisionsOf(this.#space);
    // The first P are random; so is one while nothing is known yet.
    if (this.#proposed <= this.#options.population || this.#population.length === 0)
      return { genotype: genotypeFromChoices(drawChoices(decisions, this.#random), this.#space) };
    const contestants = this.#random.permutation(this.#population.length).slice(0, this.#options.sample);
    const parent = contestants
      .flatMap((i) => this.#population[i] ?? [])
      .reduce((best, member) => (member.reward > best.reward ? member : best));
    const choices = mutatedChoices(parent.choices, decisions, this.#random);
    return { genotype: genotypeFromChoices(choices, this.#space), parent: genotypeFromChoices(parent.choices, this.#space) };
  }

  async observe({ genotype }: Proposal, reward: number): Promise<PolicyReport> {
    this.#population = [...this.#population, { choices: choicesOf(genotype), reward }].slice(-this.#options.population);
    return {};
  }

  /** The first P that are within the limits are random. */
  async refuse(): Promise<PolicyReport> {
    this.#proposed--;
    return {};
  }

  state(): unknown {
    return { random: this.#random.state(), proposed: this.#proposed, population: this.#population };
  }

  async close(): Promise<void> {}
}
