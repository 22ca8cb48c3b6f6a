// NSGA-II (Deb et al. 2002) over the decisions of a genotype: a population of N; children by binary tournament in crowded comparison,
// single-point crossover and mutation of one decision on average; of parents and N children together the best N live on.
//
// What is beyond a limit is not evaluated, but lives as an infeasible solution with its violation, as in the paper: where hardly
// anything fits, the population descends towards the limits. What could not be trained has no objectives and does not live.
//
// With several workers children of one generation land in the next: they compete there.

import { z } from 'zod';
import { type Random, restoreRandom } from '../random/index.js';
import { anotherChoice, choicesOf, decisionsOf, drawChoices, freeDecisions, genotypeFromChoices } from './decisions.js';
import { isBetter, type Ranked, selectBest } from './non-dominated-sorting.js';
import { type Objective, objectiveValues } from './objectives.js';
import { type Outcome, type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { Proposed, proposedSchema } from './proposed.js';
import { savedState } from './saved-state.js';

export interface Nsga2Options {
  readonly objectives: readonly Objective[];
  /** N */
  readonly population: number;
  /** p_c: the share of children that have two parents. */
  readonly crossover: number;
}

const memberSchema = z.object({ choices: z.array(z.number()), objectives: z.array(z.number()), violation: z.number() });
type Member = z.infer<typeof memberSchema>;

const stateSchema = z.object({
  random: randomStateSchema,
  proposed: proposedSchema,
  /** With their places when they were chosen; a distance of null is infinite. */
  parents: z.array(z.object({ solution: memberSchema, rank: z.number(), distance: z.number().nullable() })),
  children: z.array(memberSchema),
});
type State = z.infer<typeof stateSchema>;

/** Children that are networks known already are made again, so often; then a random one takes their place. */
const mostTries = 50;

export class Nsga2 implements Policy {
  readonly name = 'nsga2';
  readonly #space: SpaceSize;
  readonly #options: Nsga2Options;
  readonly #random: Random;
  readonly #proposed: Proposed;
  /** P_t */
  #parents: readonly Ranked<Member>[];
  /** Q_t, as far as they have landed. */
  #children: readonly Member[];

  constructor(space: SpaceSize, options: Nsga2Options, random: Random, state?: unknown) {
    const saved = savedState(stateSchema, state);
    this.#space = space;
    this.#options = options;
    this.#random = saved ? restoreRandom(saved.random) : random;
    this.#proposed = new Proposed(saved?.proposed);
    this.#parents = (saved?.parents ?? []).map((parent) => ({ ...parent, distance: parent.distance ?? Number.POSITIVE_INFINITY }));
    this.#children = saved?.children ?? [];
  }

  async propose(): Promise<Proposal> {
    const decisions = decisionsOf(this.#space);
    const make = (): number[] => (this.#parents.length > 0 ? this.#child() : drawChoices(decisions, this.#random));
    let genotype = genotypeFromChoices(make(), this.#space);
    for (let tries = 0; this.#proposed.has(genotype) && tries < 2 * mostTries; tries++)
      genotype = genotypeFromChoices(tries < mostTries ? make() : drawChoices(decisions, this.#random), this.#space);
    this.#proposed.add(genotype);
    return { genotype };
  }

  #child(): number[] {
    const decisions = decisionsOf(this.#space);
    const [mother, father] = [this.#tournament(), this.#tournament()];
    const isCrossed = this.#random.next() < this.#options.crossover;
    const point = isCrossed ? 1 + this.#random.integer(decisions.length - 1) : decisions.length;
    const share = 1 / freeDecisions(decisions).length;
    return decisions.map((decision, d) => {
      const choice = (d < point ? mother : father)[d] ?? 0;
      return decision.choices > 1 && this.#random.next() < share ? anotherChoice(choice, decision, this.#random) : choice;
    });
  }

  #tournament(): readonly number[] {
    const draw = (): Ranked<Member> | undefined => this.#parents[this.#random.integer(this.#parents.length)];
    const [a, b] = [draw(), draw()];
    if (!a || !b) throw new RangeError('nsga2: a tournament without parents');
    return (isBetter(b, a) ? b : a).solution.choices;
  }

  async observe({ genotype }: Proposal, reward: number, outcome?: Outcome): Promise<PolicyReport> {
    if (!outcome) throw new TypeError('nsga2: the outcome has no costs');
    if (outcome.failed) return {};
    const objectives = objectiveValues(this.#options.objectives, reward, outcome.costs);
    this.#land({ choices: choicesOf(genotype), objectives, violation: 0 });
    return {};
  }

  async refuse({ genotype }: Proposal, violation: number): Promise<PolicyReport> {
    this.#land({ choices: choicesOf(genotype), objectives: [], violation });
    return {};
  }

  /** When N children are there, the best N of parents and children are the parents. */
  #land(child: Member): void {
    this.#children = [...this.#children, child];
    const { population } = this.#options;
    if (this.#children.length < population) return;
    this.#parents = selectBest([...this.#parents.map(({ solution }) => solution), ...this.#children], population);
    this.#children = [];
  }

  state(): unknown {
    return {
      random: this.#random.state(),
      proposed: this.#proposed.state(),
      parents: this.#parents.map((parent) => ({ ...parent, distance: Number.isFinite(parent.distance) ? parent.distance : null })),
      children: this.#children,
    } satisfies Record<keyof State, unknown>;
  }

  async close(): Promise<void> {}
}
