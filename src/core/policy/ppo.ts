// Proximal policy optimisation (arXiv 1707.06347) of the controller, as in method.md, section 2.
//
//   baseline b ← decay·b + (1 − decay)·r after every reward;  advantage Â = r − b
//   ratio ρ = π_now(a) / π_then(a);  L = −mean min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â) − c · entropy
//
// One epoch over a ring buffer of the last rollouts, in minibatches, after every finished architecture.

import { z } from 'zod';
import { clip, exp, minimum, mul, neg, sub, type Tensor } from '../graph/index.js';
import { type Random, restoreRandom } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { ControllerNetwork, type Experience, type UpdateOptions } from './controller-network.js';
import { choicesOf, genotypeFromChoices } from './decisions.js';
import type { ControllerOptions } from './lstm-controller.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { savedState } from './saved-state.js';

export interface PpoOptions extends UpdateOptions {
  readonly clipCoefficient: number;
  /** Rollouts kept. */
  readonly bufferSize: number;
  readonly baselineDecay: number;
}

const rolloutSchema = z.object({ choices: z.array(z.number()), logProbability: z.number(), reward: z.number() });
type Rollout = z.infer<typeof rolloutSchema>;

const stateSchema = z.object({
  network: z.unknown(),
  random: randomStateSchema,
  baseline: z.number().nullable(),
  buffer: z.array(rolloutSchema),
});

/** −min(ρ Â, clip(ρ) Â) of each sequence. */
export function clippedSurrogate(logProbability: Tensor, oldLogProbability: Tensor, advantage: Tensor, clipCoefficient: number): Tensor {
  const ratio = exp(sub(logProbability, oldLogProbability));
  const clipped = clip(ratio, 1 - clipCoefficient, 1 + clipCoefficient);
  return neg(minimum(mul(ratio, advantage), mul(clipped, advantage)));
}

export class Ppo implements Policy {
  readonly name = 'ppo';
  readonly #network: ControllerNetwork;
  readonly #space: SpaceSize;
  readonly #options: PpoOptions;
  readonly #random: Random;
  #baseline: number | null;
  #buffer: readonly Rollout[];

  private constructor(
    network: ControllerNetwork,
    space: SpaceSize,
    options: PpoOptions,
    random: Random,
    baseline: number | null,
    buffer: readonly Rollout[],
  ) {
    this.#network = network;
    this.#space = space;
    this.#options = options;
    this.#random = random;
    this.#baseline = baseline;
    this.#buffer = buffer;
  }

  static async create(
    runtime: Runtime,
    space: SpaceSize,
    controller: ControllerOptions,
    options: PpoOptions,
    random: Random,
    state?: unknown,
  ): Promise<Ppo> {
    const saved = savedState(stateSchema, state);
    const loss = (now: Tensor, then: Tensor, advantage: Tensor): Tensor => clippedSurrogate(now, then, advantage, options.clipCoefficient);
    const network = await ControllerNetwork.create(runtime, space, controller, options, loss, random.fork('parameters'), saved?.network);
    return new Ppo(network, space, options, saved ? restoreRandom(saved.random) : random, saved?.baseline ?? null, saved?.buffer ?? []);
  }

  async propose(): Promise<Proposal> {
    const { choices, logProbability } = await this.#network.sample(this.#random);
    return { genotype: genotypeFromChoices(choices, this.#space), logProbability };
  }

  async observe({ genotype, logProbability }: Proposal, reward: number): Promise<PolicyReport> {
    const { bufferSize, baselineDecay, minibatch } = this.#options;
    if (logProbability === undefined) throw new TypeError('ppo: the proposal has no log-probability');
    this.#baseline = this.#baseline === null ? reward : baselineDecay * this.#baseline + (1 - baselineDecay) * reward;
    this.#buffer = [...this.#buffer, { choices: choicesOf(genotype), logProbability, reward }].slice(-bufferSize);

    const baseline = this.#baseline;
    const order = this.#random.permutation(this.#buffer.length);
    let entropy: number | undefined;
    let dropped = 0;
    for (let start = 0; start < order.length; start += minibatch) {
      const batch: Experience[] = order.slice(start, start + minibatch).flatMap((i) => {
        const rollout = this.#buffer[i];
        return rollout ? [{ choices: rollout.choices, logProbability: rollout.logProbability, advantage: rollout.reward - baseline }] : [];
      });
      const before = await this.#network.update(batch);
      if (Number.isNaN(before)) dropped++;
      else entropy = before;
    }
    return { ...(entropy !== undefined && { entropy }), baseline, ...(dropped > 0 && { dropped }) };
  }

  /** It is worth nothing: so the controller learns where the limits are. */
  refuse(proposal: Proposal): Promise<PolicyReport> {
    return this.observe(proposal, 0);
  }

  state(): unknown {
    return { network: this.#network.state(), random: this.#random.state(), baseline: this.#baseline, buffer: this.#buffer };
  }

  close(): Promise<void> {
    return this.#network.close();
  }
}
