// Which candidates begin with their parent's weights, and with what they are sent to be evaluated.

import type { Inheritance } from './ticket.js';
import type { CandidateJob } from './executor.js';
import { KeptWeights } from './kept-weights.js';
import type { RunFolder } from './run-folder.js';
import type { StoredProposal, TrialStore } from './trial-store.js';

export interface InheritanceRule {
  /** Of the first stage, for who inherits. */
  readonly epochs: number;
  /** How many may inherit, one from the other: longer lines would be trained longer than others, and be better for that alone. */
  readonly generations: number;
  /** Of how many of the best the weights are kept. */
  readonly keep: number;
}

export class Nursery {
  readonly #rule: InheritanceRule;
  readonly #kept: KeptWeights;

  private constructor(rule: InheritanceRule, kept: KeptWeights) {
    this.#rule = rule;
    this.#kept = kept;
  }

  static async open(rule: InheritanceRule, run: RunFolder, store: TrialStore): Promise<Nursery> {
    return new Nursery(rule, await KeptWeights.open(run, store, rule.keep));
  }

  /** What a child of this trial begins with; undefined where it begins anew. */
  inheritanceOf(parent: number): Inheritance | undefined {
    const kept = this.#kept.of(parent);
    if (!kept || kept.generation >= this.#rule.generations) return undefined;
    return { from: parent, file: kept.file, generation: kept.generation + 1 };
  }

  /** The candidate as it is sent; without `inherited` where its proposal has it, the weights are gone. */
  async jobOf({ index, genotype, ticket }: Pick<StoredProposal, 'index' | 'genotype' | 'ticket'>): Promise<CandidateJob> {
    const weights = ticket?.inherited && (await this.#kept.read(ticket.inherited.file));
    const inherited = weights && { weights, epochs: this.#rule.epochs };
    // Whose weights are to be passed on has to send them, whatever its reward is.
    return { index, genotype, ticket, inherited, insist: true };
  }

  /** @param inHand whose parents' weights are wanted still, and the best one, which may have to be evaluated again */
  async keep(
    trial: { readonly index: number; readonly reward: number },
    { genotype, ticket }: Pick<StoredProposal, 'genotype' | 'ticket'>,
    parameters: ReadonlyMap<string, Float32Array>,
    inHand: readonly (Pick<StoredProposal, 'ticket'> | undefined)[],
  ): Promise<void> {
    const wanted = new Set(inHand.flatMap((proposal) => proposal?.ticket?.inherited?.file ?? []));
    await this.#kept.keep(trial, genotype, parameters, ticket?.inherited?.generation ?? 0, wanted);
  }
}

/** As it was proposed, but that nothing is inherited. */
export function withoutInheritance({ ticket, ...proposal }: StoredProposal): StoredProposal {
  const { inherited: _, ...rest } = ticket ?? {};
  return { ...proposal, ticket: rest };
}
