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

export interface AdamState {
  readonly parameters: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

export interface AdamOptions {
  readonly learningRate: Tensor;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ (`adamBias`): scalars fed at every step. */
  readonly bias1: Tensor;
  readonly bias2: Tensor;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** L2 decay added to the gradient (torch.optim.Adam's weight_decay). */
  readonly weightDecay?: number;
}

/** The bias corrections of Adam's step t = 1, 2, … */
export function adamBias(t: number, beta1 = 0.9, beta2 = 0.999): { readonly bias1: number; readonly bias2: number } {
  return { bias1: 1 - beta1 ** t, bias2: 1 - beta2 ** t };
}

/**
 * Adam: g ← g + λθ; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²;
 * θ ← θ − α/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 */
export function adam(state: AdamState, gradient: Tensor, options: AdamOptions): AdamState {
  const { learningRate, bias1, bias2, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const g = weightDecay === 0 ? gradient : add(gradient, mul(state.parameters, scalar(weightDecay)));
  const firstMoment = add(mul(state.firstMoment, scalar(beta1)), mul(g, scalar(1 - beta1)));
  const secondMoment = add(mul(state.secondMoment, scalar(beta2)), mul(mul(g, g), scalar(1 - beta2)));
  const denominator = add(div(sqrt(secondMoment), sqrt(bias2)), scalar(epsilon));
  const step = mul(div(firstMoment, denominator), div(learningRate, bias1));
  return { parameters: sub(state.parameters, step), firstMoment, secondMoment };
}

export interface SgdState {
  readonly parameters: Tensor;
  readonly momentum: Tensor;
}

export interface SgdOptions {
  readonly learningRate: Tensor;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** SGD with momentum: g ← g + λθ; u ← μu + g; θ ← θ − αu. (PyTorch starts u at g; from u = 0 that is the same.) */
export function sgd(state: SgdState, gradient: Tensor, options: SgdOptions): SgdState {
  const { learningRate, momentum: mu = 0, weightDecay = 0 } = options;
  const g = weightDecay === 0 ? gradient : add(gradient, mul(state.parameters, scalar(weightDecay)));
  const momentum = add(mul(state.momentum, scalar(mu)), g);
  return { parameters: sub(state.parameters, mul(momentum, learningRate)), momentum };
}

/** Polyak averaging after a step: a ← κa + (1−κ)θ. */
export function polyakAverage(average: Tensor, parameters: Tensor, decay: number): Tensor {
  return add(mul(average, scalar(decay)), mul(parameters, scalar(1 - decay)));
}

/** Running statistics of batch normalisation: r ← (1−m)r + m·batch. */
export function runningAverage(running: Tensor, batch: Tensor, momentum: number): Tensor {
  return polyakAverage(running, batch, 1 - momentum);
}
