// An ensemble of small networks that predict a reward from an architecture's code, as one graph: M members with a hidden layer each,
//
//   ŷ_m = v_m · relu(W_m x + b_m) + c_m;   loss = Σ_m Σ_i w_mi (ŷ_m(x_i) − y_i)² / B
//
// Members start from weights of their own and see every example as often as it was drawn for them (w_mi, a bootstrap), so that
// where little is known they disagree. Rewards are standardised by their median and quartiles.

import {
  adam,
  add,
  gradients,
  input,
  lowerGraph,
  matmul,
  mul,
  reduceSum,
  relu,
  reshape,
  scalar,
  sub,
  sumAll,
  type Tensor,
} from '../graph/index.js';
import { FlatLayout, initialise, Scope } from '../nn/index.js';
import type { Random } from '../random/index.js';
import { floatsOf, type Runtime, type Session, type TensorValue } from '../runtime/index.js';

export interface EnsembleOptions {
  readonly members: number;
  /** Units of a member's hidden layer. */
  readonly hidden: number;
  /** Of Adam, from the start; the rate falls to 0 by a cosine. */
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface Example {
  /** [features] */
  readonly code: Float32Array;
  readonly reward: number;
}

/** Of the reward, over the members. */
export interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/** Examples of a step, and codes that are predicted at once: graphs are of one size. */
const batch = 32;
/** A reward this many deviations below the median is as bad as any: one that failed must not be all that is seen. */
const worst = -3;

export class RewardEnsemble {
  readonly #learner: Session;
  readonly #predictor: Session;
  readonly #layout: FlatLayout;
  readonly #features: number;
  readonly #options: EnsembleOptions;
  #parameters: Float32Array;
  #scale: Scale = { centre: 0, deviation: 1 };

  private constructor(learner: Session, predictor: Session, layout: FlatLayout, features: number, options: EnsembleOptions) {
    this.#learner = learner;
    this.#predictor = predictor;
    this.#layout = layout;
    this.#features = features;
    this.#options = options;
    this.#parameters = new Float32Array(layout.length);
  }

  static async create(runtime: Runtime, features: number, options: EnsembleOptions): Promise<RewardEnsemble> {
    const scope = Scope.root('inference');
    const code = input('code', [batch, features]);
    const predicted = predictions(scope, code, features, options);
    const layout = new FlatLayout(scope.parameters);
    const parameters = input('parameters', [layout.length]);
    const predictor = await runtime.open(lowerGraph({ predicted }, { bindings: layout.bind(parameters) }));

    const error = sub(predicted, input('reward', [batch, 1]));
    const loss = mul(sumAll(mul(mul(error, error), input('weight', [batch, options.members]))), scalar(1 / batch));
    const all = gradients(
      loss,
      layout.parameters.map(({ tensor }) => tensor),
    ).map((gradient, i) => {
      if (!gradient) throw new RangeError(`parameter ${layout.parameters[i]?.name} has no gradient`);
      return gradient;
    });
    const state = { parameters, firstMoment: input('firstMoment', [layout.length]), secondMoment: input('secondMoment', [layout.length]) };
    const optimiser = adam({ weightDecay: options.weightDecay });
    const next = optimiser.update(state, layout.join(all), input('learningRate', []), (name) => input(name, []));
    const outputs = { next_parameters: next.parameters, next_firstMoment: next.firstMoment, next_secondMoment: next.secondMoment };
    const learner = await runtime.open(lowerGraph(outputs, { bindings: layout.bind(parameters) }));
    return new RewardEnsemble(learner, predictor, layout, features, options);
  }

  /** Learns from the start: what comes out depends on the examples and the generator only. */
  async fit(examples: readonly Example[], random: Random): Promise<void> {
    const { members, steps, learningRate, weightDecay } = this.#options;
    const optimiser = adam({ weightDecay });
    this.#scale = robustScale(examples.map(({ reward }) => reward));
    const targets = examples.map(({ reward }) => Math.max(worst, (reward - this.#scale.centre) / this.#scale.deviation));
    const weights = examples.map(() => new Float32Array(members));
    // A bootstrap a member: as many draws as there are examples.
    for (let m = 0; m < members; m++)
      for (let draw = 0; draw < examples.length; draw++) {
        const row = weights[random.integer(examples.length)];
        if (row) row[m] = (row[m] ?? 0) + 1;
      }
    const fresh = this.#layout.flatten(initialise(this.#layout.parameters, random.fork('parameters', random.integer(2 ** 31))));
    let state: Readonly<Record<string, TensorValue>> = {
      parameters: vector(fresh),
      ...Object.fromEntries(Object.entries(optimiser.init(fresh.length)).map(([name, zeros]) => [name, vector(zeros)])),
    };
    let order: number[] = [];
    for (let step = 1; step <= steps; step++) {
      while (order.length < batch) order = [...order, ...random.permutation(examples.length)];
      const chosen = order.slice(0, batch);
      order = order.slice(batch);
      const code = new Float32Array(batch * this.#features);
      const weight = new Float32Array(batch * members);
      chosen.forEach((i, row) => {
        code.set(examples[i]?.code ?? [], row * this.#features);
        weight.set(weights[i] ?? [], row * members);
      });
      // A cosine down to nothing.
      const rate = (learningRate / 2) * (1 + Math.cos((Math.PI * (step - 1)) / steps));
      const results = await this.#learner.run({
        ...state,
        code: { data: code, dims: [batch, this.#features] },
        weight: { data: weight, dims: [batch, members] },
        reward: { data: Float32Array.from(chosen, (i) => targets[i] ?? 0), dims: [batch, 1] },
        learningRate: { data: Float32Array.of(rate), dims: [] },
        ...Object.fromEntries(Object.entries(optimiser.fed(step)).map(([name, v]) => [name, { data: Float32Array.of(v), dims: [] }])),
      });
      state = Object.fromEntries(Object.keys(state).map((name) => [name, vector(floatsOf(results, `next_${name}`))]));
    }
    this.#parameters = floatsOf(state, 'parameters');
  }

  async predict(codes: readonly Float32Array[]): Promise<Prediction[]> {
    const { members } = this.#options;
    const { centre, deviation } = this.#scale;
    const found: Prediction[] = [];
    for (let start = 0; start < codes.length; start += batch) {
      const some = codes.slice(start, start + batch);
      const code = new Float32Array(batch * this.#features);
      for (const [row, one] of some.entries()) code.set(one, row * this.#features);
      const results = await this.#predictor.run({
        parameters: vector(this.#parameters),
        code: { data: code, dims: [batch, this.#features] },
      });
      const values = floatsOf(results, 'predicted');
      for (const row of some.keys()) {
        const scale = meanScale([...values.subarray(row * members, (row + 1) * members)]);
        found.push({ mean: centre + deviation * scale.centre, deviation: deviation * scale.deviation });
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#learner.release();
    await this.#predictor.release();
  }
}

/** Of every member for every code, [B, M]. */
function predictions(scope: Scope, code: Tensor, features: number, { members, hidden }: EnsembleOptions): Tensor {
  const uniform = (fanIn: number) => ({ kind: 'uniform', bound: Math.sqrt(1 / fanIn) }) as const;
  const units = members * hidden;
  const first = add(
    matmul(code, scope.weight('first.weight', [features, units], uniform(features))),
    scope.weight('first.bias', [units], uniform(features)),
  );
  const weighted = mul(relu(first), scope.weight('second.weight', [units], uniform(hidden)));
  const sums = reduceSum(reshape(weighted, [batch, members, hidden]), [2]);
  return add(sums, scope.weight('second.bias', [members], uniform(hidden)));
}

interface Scale {
  readonly centre: number;
  readonly deviation: number;
}

/** Median, and the deviation that a normal distribution of these quartiles would have; where the quartiles are equal, that of all. */
function robustScale(values: readonly number[]): Scale {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const deviation = (quantile(0.75) - quantile(0.25)) / 1.349;
  return { centre: quantile(0.5), deviation: deviation > 0 ? deviation : meanScale(values).deviation || 1 };
}

function meanScale(values: readonly number[]): Scale {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((n, value) => n + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { centre: mean, deviation: Math.sqrt(variance) };
}

function vector(data: Float32Array): TensorValue {
  return { data, dims: [data.length] };
}
