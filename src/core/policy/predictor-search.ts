// A predictor that guides the search, after BANANAS (C. White, W. Neiswanger, Y. Savani, arXiv 1910.11858):
//
//   evaluate `initial` random architectures; then, again and again: fit an ensemble of networks on (code, reward) of all that
//   were evaluated; mutate the best ones in one decision into a pool of new ones; propose the one that an acquisition function likes best:
//
//   thompson      a draw from N(mean, deviation²) of its prediction
//   improvement   expected improvement over the best reward y*: σ (z Φ(z) + φ(z)), z = (mean − y*) / σ
//
// The ensemble is fitted anew after every so many rewards, from the start and with a generator that follows from their number, so a state
// holds no weights: the same examples give the same ensemble.

import { z } from 'zod';
import { type Random, restoreRandom } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { formatGenotype, type Genotype } from '../space/index.js';
import { choicesOf, decisionsOf, drawChoices, genotypeFromChoices, mutatedChoices } from './decisions.js';
import { ArchitectureCode } from './encoding.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { Proposed, proposedSchema } from './proposed.js';
import { type EnsembleOptions, type Prediction, RewardEnsemble } from './reward-ensemble.js';
import { savedState } from './saved-state.js';

export interface PredictorOptions {
  /** Random architectures before there is something to learn from. */
  readonly initial: number;
  /** Rewards after which the ensemble is fitted anew. */
  readonly every: number;
  /** Architectures among which one is chosen, */
  readonly pool: number;
  /** mutated from so many of the best. */
  readonly parents: number;
  readonly acquisition: 'thompson' | 'improvement';
  readonly ensemble: EnsembleOptions;
}

const predictionSchema = z.object({ mean: z.number(), deviation: z.number() });
const stateSchema = z.object({
  random: randomStateSchema,
  proposed: proposedSchema,
  /** How many were proposed, what is beyond a limit not counted. */
  count: z.number(),
  examples: z.array(z.object({ choices: z.array(z.number()), reward: z.number() })),
  /** What was predicted of those in hand. */
  inHand: z.array(z.tuple([z.string(), predictionSchema])),
});
type State = z.infer<typeof stateSchema>;

/** Tries to make one that was not proposed yet. */
const mostTries = 20;

export class PredictorSearch implements Policy {
  readonly name = 'predictor';
  readonly #ensemble: RewardEnsemble;
  readonly #code: ArchitectureCode;
  readonly #space: SpaceSize;
  readonly #options: PredictorOptions;
  readonly #random: Random;
  readonly #proposed: Proposed;
  readonly #inHand: Map<string, Prediction>;
  #examples: State['examples'];
  #count: number;
  /** How many examples the ensemble was fitted on; −1: it was not. */
  #fitted = -1;

  private constructor(
    ensemble: RewardEnsemble,
    code: ArchitectureCode,
    space: SpaceSize,
    options: PredictorOptions,
    random: Random,
    saved: State | undefined,
  ) {
    this.#ensemble = ensemble;
    this.#code = code;
    this.#space = space;
    this.#options = options;
    this.#random = random;
    this.#proposed = new Proposed(saved?.proposed);
    this.#inHand = new Map(saved?.inHand);
    this.#examples = saved?.examples ?? [];
    this.#count = saved?.count ?? 0;
  }

  static async create(
    runtime: Runtime,
    space: SpaceSize,
    options: PredictorOptions,
    random: Random,
    state?: unknown,
  ): Promise<PredictorSearch> {
    const saved = savedState(stateSchema, state);
    const source = saved ? restoreRandom(saved.random) : random;
    const code = ArchitectureCode.of(space, source);
    const ensemble = await RewardEnsemble.create(runtime, code.length, options.ensemble);
    return new PredictorSearch(ensemble, code, space, options, source, saved);
  }

  async propose(): Promise<Proposal> {
    const { initial } = this.#options;
    const isGuided = this.#count >= initial && this.#examples.length >= Math.min(initial, 2);
    this.#count++;
    const proposal: Proposal = isGuided ? await this.#guided() : { genotype: this.#fresh(() => this.#drawn()) };
    this.#proposed.add(proposal.genotype);
    return proposal;
  }

  async #guided(): Promise<Proposal> {
    await this.#fit();
    const { pool, parents, acquisition } = this.#options;
    const best = this.#examples.toSorted((a, b) => b.reward - a.reward).slice(0, parents);
    const genotypes = Array.from({ length: pool }, (_, i) =>
      this.#fresh(() => this.#mutated(best[i % best.length]?.choices ?? this.#drawn())),
    );
    const predictions = await this.#ensemble.predict(genotypes.map((genotype) => this.#code.encode(genotype)));
    const record = best[0]?.reward ?? 0;
    const liking = predictions.map((prediction) =>
      acquisition === 'thompson' ? prediction.mean + prediction.deviation * this.#random.normal() : expectedImprovement(prediction, record),
    );
    const at = liking.reduce((most, value, i) => (value > (liking[most] ?? Number.NEGATIVE_INFINITY) ? i : most), 0);
    const [chosen, prediction] = [genotypes[at], predictions[at]];
    if (!chosen || !prediction) throw new RangeError('predictor: an empty pool');
    this.#inHand.set(formatGenotype(chosen), prediction);
    const parent = best[at % best.length]?.choices;
    // Where nothing new was found near it, a random one is in the pool instead.
    const isChild = parent !== undefined && choicesOf(chosen).filter((choice, d) => choice !== parent[d]).length === 1;
    return { genotype: chosen, parent: isChild ? genotypeFromChoices(parent, this.#space) : undefined };
  }

  /** On all but those since the last multiple of `every`. */
  async #fit(): Promise<void> {
    const { every } = this.#options;
    const due = Math.max(Math.min(2, this.#examples.length), this.#examples.length - (this.#examples.length % every));
    if (due === this.#fitted) return;
    const examples = this.#examples.slice(0, due).map(({ choices, reward }) => ({
      code: this.#code.encode(genotypeFromChoices(choices, this.#space)),
      reward,
    }));
    await this.#ensemble.fit(examples, this.#random.fork('ensemble', due));
    this.#fitted = due;
  }

  #drawn(): number[] {
    return drawChoices(decisionsOf(this.#space), this.#random);
  }

  #mutated(choices: readonly number[]): number[] {
    return mutatedChoices(choices, decisionsOf(this.#space), this.#random);
  }

  /** One that was not proposed yet, if there is one; a random one where `make` knows none. */
  #fresh(make: () => number[]): Genotype {
    for (let tries = 0; ; tries++) {
      const genotype = genotypeFromChoices(tries < mostTries ? make() : this.#drawn(), this.#space);
      if (!this.#proposed.has(genotype) || tries >= 2 * mostTries) return genotype;
    }
  }

  async observe({ genotype }: Proposal, reward: number): Promise<PolicyReport> {
    const text = formatGenotype(genotype);
    const prediction = this.#inHand.get(text);
    this.#inHand.delete(text);
    this.#examples = [...this.#examples, { choices: choicesOf(genotype), reward }];
    return prediction ? { predicted: prediction.mean, uncertainty: prediction.deviation } : {};
  }

  /** It is not proposed again, and says nothing of rewards. */
  async refuse({ genotype }: Proposal): Promise<PolicyReport> {
    this.#inHand.delete(formatGenotype(genotype));
    this.#count--;
    return {};
  }

  state(): unknown {
    return {
      random: this.#random.state(),
      proposed: this.#proposed.state(),
      count: this.#count,
      examples: this.#examples,
      inHand: [...this.#inHand],
    } satisfies Record<keyof State, unknown>;
  }

  close(): Promise<void> {
    return this.#ensemble.close();
  }
}

/** Of a normal prediction over a record: what is gained on average. */
export function expectedImprovement({ mean, deviation }: Prediction, record: number): number {
  if (deviation === 0) return Math.max(0, mean - record);
  const z = (mean - record) / deviation;
  return deviation * (z * normalShare(z) + Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI));
}

/** Φ(z), by Abramowitz and Stegun's formula 7.1.26 for erf: within 1e-7. */
function normalShare(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-(x ** 2))) / 2;
  return z < 0 ? tail : 1 - tail;
}
