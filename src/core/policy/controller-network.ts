// The controller's network at work: draws sequences, and takes gradient steps on batches of them.

import { z } from 'zod';
import { adam, clipGlobalNorm, gradients, input, lowerGraph, mul, sub, scalar, sumAll, type Tensor } from '../graph/index.js';
import { FlatLayout, initialise, Scope } from '../nn/index.js';
import type { Random } from '../random/index.js';
import { type Feeds, floatsOf, type Runtime, type Session, type TensorValue } from '../runtime/index.js';
import { type Decision, decisionsOf } from './decisions.js';
import { choiceInputs, type ControllerOptions, indexOf, replaying, rollOut, sampling } from './lstm-controller.js';
import type { SpaceSize } from './policy.js';
import { savedState } from './saved-state.js';

export interface UpdateOptions {
  readonly learningRate: number;
  /** Clip of the gradient's global norm. */
  readonly clipNorm: number;
  /** Weight of the entropy bonus. */
  readonly entropyCoefficient: number;
  /** Sequences in one gradient step. */
  readonly minibatch: number;
}

/** One finished architecture, as the controller learns from it. */
export interface Experience {
  readonly choices: readonly number[];
  /** ln π under the policy that proposed it. */
  readonly logProbability: number;
  readonly advantage: number;
}

/** The loss of each sequence, [B], from ln π now, ln π then and the advantage, all [B]. */
export type PolicyLoss = (logProbability: Tensor, oldLogProbability: Tensor, advantage: Tensor) => Tensor;

export interface Sample {
  readonly choices: readonly number[];
  readonly logProbability: number;
}

const optimiser = adam();
const vectorNames = ['parameters', 'firstMoment', 'secondMoment'] as const;
type Vectors = Record<(typeof vectorNames)[number], Float32Array>;

const stateSchema = z.object({ step: z.number(), parameters: z.string(), firstMoment: z.string(), secondMoment: z.string() });

export class ControllerNetwork {
  readonly #sampler: Session;
  readonly #learner: Session;
  readonly #decisions: readonly Decision[];
  readonly #options: UpdateOptions;
  readonly #vectors: Vectors;
  #step: number;

  private constructor(
    sampler: Session,
    learner: Session,
    decisions: readonly Decision[],
    options: UpdateOptions,
    vectors: Vectors,
    step: number,
  ) {
    this.#sampler = sampler;
    this.#learner = learner;
    this.#decisions = decisions;
    this.#options = options;
    this.#vectors = vectors;
    this.#step = step;
  }

  /** @param random only for fresh parameters, where no `state` of an earlier network is given. */
  static async create(
    runtime: Runtime,
    space: SpaceSize,
    controller: ControllerOptions,
    options: UpdateOptions,
    loss: PolicyLoss,
    random: Random,
    state?: unknown,
  ): Promise<ControllerNetwork> {
    const decisions = decisionsOf(space);
    const { model: samplerModel, layout } = samplerGraph(decisions, controller);
    const learnerModel = learnerGraph(decisions, controller, options, loss);
    const [sampler, learner] = [await runtime.open(samplerModel), await runtime.open(learnerModel)];
    const saved = savedState(stateSchema, state, "the controller's stored network");
    if (!saved) {
      const parameters = layout.flatten(initialise(layout.parameters, random));
      return new ControllerNetwork(sampler, learner, decisions, options, { parameters, ...optimiser.init(layout.length) }, 0);
    }
    const vector = (text: string): Float32Array => {
      const values = decodeFloats(text);
      if (values.length !== layout.length)
        throw new RangeError(`the controller's state has ${values.length} values, its network ${layout.length}`);
      return values;
    };
    const vectors = {
      parameters: vector(saved.parameters),
      firstMoment: vector(saved.firstMoment),
      secondMoment: vector(saved.secondMoment),
    };
    return new ControllerNetwork(sampler, learner, decisions, options, vectors, saved.step);
  }

  async sample(random: Random): Promise<Sample> {
    const uniforms = Float32Array.from(this.#decisions, () => random.next());
    const results = await this.#sampler.run({
      parameters: vectorFeed(this.#vectors.parameters),
      uniforms: vectorFeed(uniforms),
    });
    return {
      choices: this.#decisions.map((_, d) => floatsOf(results, `choice${d}`)[0] ?? 0),
      logProbability: floatsOf(results, 'logProbability')[0] ?? 0,
    };
  }

  /**
   * One step of Adam on a batch of at most `minibatch` sequences; gives the mean entropy of a decision before it.
   * @returns NaN when a value would have become NaN or infinite: the step is not made
   */
  async update(batch: readonly Experience[]): Promise<number> {
    const step = this.#step + 1;
    const size = this.#options.minibatch;
    // The graph's batch is fixed: what is missing is filled up with sequences of weight 0.
    const column = (value: (experience: Experience) => number): Float32Array =>
      Float32Array.from({ length: size }, (_, i) => {
        const experience = batch[i];
        return experience ? value(experience) : 0;
      });
    const number = (value: number): TensorValue => ({ data: Float32Array.of(value), dims: [] });
    const feeds: Record<string, TensorValue> = {
      oldLogProbability: vectorFeed(column((e) => e.logProbability)),
      advantage: vectorFeed(column((e) => e.advantage)),
      weight: vectorFeed(column(() => 1 / batch.length)),
    };
    for (const [name, value] of Object.entries(optimiser.fed(step))) feeds[name] = number(value);
    for (const name of vectorNames) feeds[name] = vectorFeed(this.#vectors[name]);
    this.#decisions.forEach((_, d) => {
      feeds[`choice${d}`] = { data: Int32Array.from(column((e) => e.choices[d] ?? 0)), dims: [size] };
    });
    const results = await this.#learner.run(used(this.#learner, feeds));
    const entropy = floatsOf(results, 'entropy')[0] ?? 0;
    const next = vectorNames.map((name) => [name, floatsOf(results, `next_${name}`)] as const);
    if (!Number.isFinite(entropy) || !next.every(([, values]) => values.every(Number.isFinite))) return Number.NaN;
    for (const [name, values] of next) this.#vectors[name] = values;
    this.#step = step;
    return entropy;
  }

  state(): unknown {
    return { step: this.#step, ...Object.fromEntries(vectorNames.map((name) => [name, encodeFloats(this.#vectors[name])])) };
  }

  async close(): Promise<void> {
    await this.#sampler.release();
    await this.#learner.release();
  }
}

function samplerGraph(decisions: readonly Decision[], controller: ControllerOptions): { model: Uint8Array; layout: FlatLayout } {
  const scope = Scope.root('inference');
  const uniforms = input('uniforms', [decisions.length]);
  const { logProbability, chosen } = rollOut(scope, decisions, controller, 1, sampling(uniforms, decisions));
  const layout = new FlatLayout(scope.parameters);
  const choices = Object.fromEntries(chosen.map((choice, d) => [`choice${d}`, indexOf(choice)]));
  const model = lowerGraph({ logProbability, ...choices }, { bindings: layout.bind(input('parameters', [layout.length])) });
  return { model, layout };
}

/** Loss = Σ_b weight_b · (loss_b − c · entropy_b); then clipping and Adam. */
function learnerGraph(
  decisions: readonly Decision[],
  controller: ControllerOptions,
  options: UpdateOptions,
  policyLoss: PolicyLoss,
): Uint8Array {
  const { minibatch, clipNorm, entropyCoefficient, learningRate } = options;
  const scope = Scope.root('inference');
  const column = (name: string): Tensor => input(name, [minibatch]);
  const weight = column('weight');
  const { logProbability, entropy } = rollOut(
    scope,
    decisions,
    controller,
    minibatch,
    replaying(choiceInputs(decisions, minibatch), decisions),
    weight,
  );
  const perSequence = policyLoss(logProbability, column('oldLogProbability'), column('advantage'));
  const loss = sub(sumAll(mul(perSequence, weight)), mul(entropy, scalar(entropyCoefficient)));
  const layout = new FlatLayout(scope.parameters);
  const parameters = input('parameters', [layout.length]);
  const all = gradients(
    loss,
    layout.parameters.map(({ tensor }) => tensor),
  ).map((g, i) => {
    if (!g) throw new RangeError(`parameter ${layout.parameters[i]?.name} has no gradient`);
    return g;
  });
  const state = { parameters, firstMoment: input('firstMoment', [layout.length]), secondMoment: input('secondMoment', [layout.length]) };
  const next = optimiser.update(state, clipGlobalNorm(layout.join(all), clipNorm), scalar(learningRate), (name) => input(name, []));
  const outputs = Object.fromEntries(vectorNames.map((name) => [`next_${name}`, next[name]]));
  return lowerGraph({ ...outputs, entropy }, { bindings: layout.bind(parameters) });
}

function vectorFeed(values: Float32Array): TensorValue {
  return { data: values, dims: [values.length] };
}

/** Without the inputs that the graph does not use (REINFORCE has no old log-probability). */
function used(session: Session, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
}

/** Little-endian floats as base64. */
function encodeFloats(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function decodeFloats(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
