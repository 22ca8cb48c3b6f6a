// REINFORCE (Williams, 1992) with a moving-average baseline:
//
//   b ← decay·b + (1 − decay)·r;   L = −(r − b) · ln π(a) − c · entropy,   one step per finished architecture

import { z } from 'zod';
import { mul, neg, type Tensor } from '../graph/index.js';
import { type Random, restoreRandom } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import { ControllerNetwork, type UpdateOptions } from './controller-network.js';
import { choicesOf, genotypeFromChoices } from './decisions.js';
import type { ControllerOptions } from './lstm-controller.js';
import { type Policy, type PolicyReport, type Proposal, randomStateSchema, type SpaceSize } from './policy.js';
import { savedState } from './saved-state.js';

export interface ReinforceOptions extends Omit<UpdateOptions, 'minibatch'> {
  readonly baselineDecay: number;
}

const stateSchema = z.object({ network: z.unknown(), random: randomStateSchema, baseline: z.number().nullable() });

/** −Â · ln π(a) of each sequence. */
export function policyGradient(logProbability: Tensor, advantage: Tensor): Tensor {
  return neg(mul(logProbability, advantage));
}

export class Reinforce implements Policy {
  readonly name = 'reinforce';
  readonly #network: ControllerNetwork;
  readonly #space: SpaceSize;
  readonly #options: ReinforceOptions;
  readonly #random: Random;
  #baseline: number | null;

  private constructor(network: ControllerNetwork, space: SpaceSize, options: ReinforceOptions, random: Random, baseline: number | null) {
    this.#network = network;
    this.#space = space;
    this.#options = options;
    this.#random = random;
    this.#baseline = baseline;
  }

  static async create(
    runtime: Runtime,
    space: SpaceSize,
    controller: ControllerOptions,
    options: ReinforceOptions,
    random: Random,
    state?: unknown,
  ): Promise<Reinforce> {
    const saved = savedState(stateSchema, state);
    const loss = (now: Tensor, _then: Tensor, advantage: Tensor): Tensor => policyGradient(now, advantage);
    const update = { ...options, minibatch: 1 };
    const network = await ControllerNetwork.create(runtime, space, controller, update, loss, random.fork('parameters'), saved?.network);
    return new Reinforce(network, space, options, saved ? restoreRandom(saved.random) : random, saved?.baseline ?? null);
  }

  async propose(): Promise<Proposal> {
    const { choices, logProbability } = await this.#network.sample(this.#random);
    return { genotype: genotypeFromChoices(choices, this.#space), logProbability };
  }

  async observe({ genotype, logProbability = 0 }: Proposal, reward: number): Promise<PolicyReport> {
    const { baselineDecay } = this.#options;
    this.#baseline = this.#baseline === null ? reward : baselineDecay * this.#baseline + (1 - baselineDecay) * reward;
    const entropy = await this.#network.update([{ choices: choicesOf(genotype), logProbability, advantage: reward - this.#baseline }]);
    return { baseline: this.#baseline, ...(Number.isNaN(entropy) ? { dropped: 1 } : { entropy }) };
  }

  /** It is worth nothing: so the controller learns where the limits are. */
  refuse(proposal: Proposal): Promise<PolicyReport> {
    return this.observe(proposal, 0);
  }

  state(): unknown {
    return { network: this.#network.state(), random: this.#random.state(), baseline: this.#baseline };
  }

  close(): Promise<void> {
    return this.#network.close();
  }
}
