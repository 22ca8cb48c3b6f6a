// Local search with restarts (C. White et al., "Local Search is State of the Art for NAS Benchmarks", arXiv 2005.02960; T. Den Ottelander
// et al., "Local Search is a Remarkably Strong Baseline for NAS", arXiv 2004.08996), in the form that moves at the first improvement:
//
//   begin at the best of `starts` random architectures; ask its neighbours, which differ in one decision, in random
//   order; move to one as soon as it is better; when none is left the peak is reached: begin anew.
//
// With several workers neighbours are in hand while the climb moves on. What comes late counts where it is better than what it was
// proposed from and than where the climb stands now.

import { z } from 'zod';
import { type Random, restoreRandom } from '../random/index.js';
import { formatGenotype } from '../space/index.js';
import { choicesOf, decisionsOf, drawChoices, genotypeFromChoices, neighboursOf } from './decisions.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { Proposed, proposedSchema } from './proposed.js';
import { savedState } from './saved-state.js';

export interface LocalSearchOptions {
  /** Random architectures, of which the best is where a climb begins. */
  readonly starts: number;
}

const choicesSchema = z.array(z.number());
const stateSchema = z.object({
  random: randomStateSchema,
  proposed: proposedSchema,
  /** Random ones still to be proposed before the climb asks neighbours. */
  startsLeft: z.number(),
  /** Where the climb stands. */
  current: z.object({ choices: choicesSchema, reward: z.number() }).nullable(),
  /** Its neighbours that were not asked yet, in the order in which they will be. */
  neighbours: z.array(choicesSchema),
  /** What is being evaluated: what each has to be better than; null: a climb's start. */
  inHand: z.array(z.tuple([z.string(), z.number().nullable()])),
});
type State = z.infer<typeof stateSchema>;

/** Draws of a random architecture that was not proposed yet; in a space that small they end. */
const mostDraws = 200;

export class LocalSearch implements Policy {
  readonly name = 'local';
  readonly #space: SpaceSize;
  readonly #options: LocalSearchOptions;
  readonly #random: Random;
  readonly #proposed: Proposed;
  readonly #inHand: Map<string, number | null>;
  #startsLeft: number;
  #current: State['current'];
  #neighbours: readonly number[][];

  constructor(space: SpaceSize, options: LocalSearchOptions, random: Random, state?: unknown) {
    const saved = savedState(stateSchema, state);
    this.#space = space;
    this.#options = options;
    this.#random = saved ? restoreRandom(saved.random) : random;
    this.#proposed = new Proposed(saved?.proposed);
    this.#inHand = new Map(saved?.inHand);
    this.#startsLeft = saved?.startsLeft ?? options.starts;
    this.#current = saved?.current ?? null;
    this.#neighbours = saved?.neighbours ?? [];
  }

  async propose(): Promise<Proposal> {
    const neighbour = this.#current && this.#startsLeft <= 0 ? this.#nextNeighbour() : undefined;
    const peak = this.#current !== null && this.#startsLeft <= 0 && !neighbour;
    if (peak) {
      this.#current = null;
      this.#startsLeft = this.#options.starts;
    }
    if (!neighbour) this.#startsLeft--;
    const genotype = genotypeFromChoices(neighbour ?? this.#freshStart(), this.#space);
    this.#proposed.add(genotype);
    this.#inHand.set(formatGenotype(genotype), neighbour ? (this.#current?.reward ?? null) : null);
    const parent = neighbour && this.#current ? genotypeFromChoices(this.#current.choices, this.#space) : undefined;
    return { genotype, parent };
  }

  #nextNeighbour(): number[] | undefined {
    const at = this.#neighbours.findIndex((choices) => !this.#proposed.has(genotypeFromChoices(choices, this.#space)));
    const next = this.#neighbours[at];
    this.#neighbours = at < 0 ? [] : this.#neighbours.slice(at + 1);
    return next;
  }

  #freshStart(): number[] {
    const decisions = decisionsOf(this.#space);
    let choices = drawChoices(decisions, this.#random);
    for (let draws = 1; draws < mostDraws && this.#proposed.has(genotypeFromChoices(choices, this.#space)); draws++)
      choices = drawChoices(decisions, this.#random);
    return choices;
  }

  async observe({ genotype }: Proposal, reward: number): Promise<PolicyReport> {
    const text = formatGenotype(genotype);
    const from = this.#inHand.get(text) ?? Number.NEGATIVE_INFINITY;
    this.#inHand.delete(text);
    if (reward > from && reward > (this.#current?.reward ?? Number.NEGATIVE_INFINITY)) {
      const choices = choicesOf(genotype);
      const neighbours = neighboursOf(choices, decisionsOf(this.#space));
      this.#current = { choices, reward };
      this.#neighbours = this.#random.permutation(neighbours.length).flatMap((i) => (neighbours[i] ? [neighbours[i]] : []));
    }
    return {};
  }

  async refuse({ genotype }: Proposal): Promise<PolicyReport> {
    const text = formatGenotype(genotype);
    if (this.#inHand.get(text) === null) this.#startsLeft++;
    this.#inHand.delete(text);
    return {};
  }

  state(): unknown {
    return {
      random: this.#random.state(),
      proposed: this.#proposed.state(),
      startsLeft: this.#startsLeft,
      current: this.#current,
      neighbours: this.#neighbours,
      inHand: [...this.#inHand],
    } satisfies Record<keyof State, unknown>;
  }

  async close(): Promise<void> {}
}
