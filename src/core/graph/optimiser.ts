// Optimisers as graph: the parameters of a network are one flat vector θ, and so are the gradient and every piece of
// optimiser state, so that an update is a dozen nodes whatever the network. Formulas are PyTorch's.

import { add, div, minimum, mul, sqrt, sub } from './ops/elementwise.js';
import { sumAll } from './ops/reduce.js';
import { scalar, type Tensor } from './tensor.js';

/** torch.nn.utils.clip_grad_norm_: g · min(1, c / (‖g‖₂ + 1e-6)). @param maxNorm c */
export function clipGlobalNorm(gradient: Tensor, maxNorm: number): Tensor {
  const norm = sqrt(sumAll(mul(gradient, gradient)));
  return mul(gradient, minimum(scalar(1), div(scalar(maxNorm), add(norm, scalar(1e-6)))));
}

/** An optimiser as a value: what it keeps, what it is fed, and its update, of parameters that are one vector. */
export interface Optimiser<S extends string = string> {
  /** What it keeps beside the parameters, before the first step: by name, vectors of their length. */
  init(length: number): Readonly<Record<S, Float32Array>>;
  /** Scalars that are fed at step t = 1, 2, …, beside the learning rate. */
  fed(t: number): Readonly<Record<string, number>>;
  /** One step. @param scalar the graph's inputs, by name: those of `fed` */
  update(now: Moved<S>, gradient: Tensor, learningRate: Tensor, scalar: (name: string) => Tensor): Moved<S>;
}

/** The parameters and all that the optimiser keeps. */
export type Moved<S extends string = string> = Readonly<Record<S, Tensor>> & { readonly parameters: Tensor };

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** L2 decay added to the gradient (torch.optim.Adam's weight_decay). */
  readonly weightDecay?: number;
}

/**
 * Adam: g ← g + λθ; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²;
 * θ ← θ − α/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 */
export function adam(options: AdamOptions = {}): Optimiser<'firstMoment' | 'secondMoment'> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    init: (length) => ({ firstMoment: new Float32Array(length), secondMoment: new Float32Array(length) }),
    // The corrections of the moments, which start at zero: 1 − β₁ᵗ and 1 − β₂ᵗ.
    fed: (t) => ({ bias1: 1 - beta1 ** t, bias2: 1 - beta2 ** t }),
    update: ({ parameters, ...moments }, gradient, learningRate, fed) => {
      const g = weightDecay === 0 ? gradient : add(gradient, mul(parameters, scalar(weightDecay)));
      const firstMoment = add(mul(moments.firstMoment, scalar(beta1)), mul(g, scalar(1 - beta1)));
      const secondMoment = add(mul(moments.secondMoment, scalar(beta2)), mul(mul(g, g), scalar(1 - beta2)));
      const denominator = add(div(sqrt(secondMoment), sqrt(fed('bias2'))), scalar(epsilon));
      const step = mul(div(firstMoment, denominator), div(learningRate, fed('bias1')));
      return { parameters: sub(parameters, step), firstMoment, secondMoment };
    },
  };
}

export interface SgdOptions {
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** SGD with momentum: g ← g + λθ; u ← μu + g; θ ← θ − αu. (PyTorch starts u at g; from u = 0 that is the same.) */
export function sgd({ momentum: mu = 0, weightDecay = 0 }: SgdOptions = {}): Optimiser<'momentum'> {
  return {
    init: (length) => ({ momentum: new Float32Array(length) }),
    fed: () => ({}),
    update: (now, gradient, learningRate) => {
      const g = weightDecay === 0 ? gradient : add(gradient, mul(now.parameters, scalar(weightDecay)));
      const momentum = add(mul(now.momentum, scalar(mu)), g);
      return { parameters: sub(now.parameters, mul(momentum, learningRate)), momentum };
    },
  };
}

/** Polyak averaging after a step: a ← κa + (1−κ)θ. */
export function polyakAverage(average: Tensor, parameters: Tensor, decay: number): Tensor {
  return add(mul(average, scalar(decay)), mul(parameters, scalar(1 - decay)));
}

/** Running statistics of batch normalisation: r ← (1−m)r + m·batch. */
export function runningAverage(running: Tensor, batch: Tensor, momentum: number): Tensor {
  return polyakAverage(running, batch, 1 - momentum);
}
