// The layers the networks are made of.

import {
  type Activation,
  add,
  batchNormInference,
  batchNormTraining,
  conv2d,
  type ConvOptions,
  div,
  mul,
  relu,
  relu6,
  reshape,
  scalar,
  sqrt,
  staticMap,
  sub,
  type Tensor,
} from '../graph/index.js';
import type { Scope } from './scope.js';

/** torch.nn.BatchNorm2d's default. */
const epsilon = 1e-5;

/** torch.nn.Conv2d's weights and its default initialisation: uniform in ±1/√fan_in. */
export function conv(
  scope: Scope,
  x: Tensor,
  outputs: number,
  kernel: number,
  options: Omit<ConvOptions, 'bias'> & { readonly bias?: boolean } = {},
): Tensor {
  const { bias = false, ...rest } = options;
  const { w, bound } = convWeight(scope, x, outputs, kernel, options.groups);
  return conv2d(x, w, { ...rest, ...(bias && { bias: scope.weight('bias', [outputs], { kind: 'uniform', bound }) }) });
}

function convWeight(scope: Scope, x: Tensor, outputs: number, kernel: number, groups = 1): { w: Tensor; bound: number } {
  const channels = channelsOf(x, 'conv');
  const inputs = channels / groups;
  const bound = 1 / Math.sqrt(inputs * kernel * kernel);
  return { w: scope.weight('weight', [outputs, inputs, kernel, kernel], { kind: 'uniform', bound }), bound };
}

function channelsOf(x: Tensor, layer: string): number {
  const channels = x.shape[1];
  if (typeof channels !== 'number') throw new Error(`${layer}: the number of channels must be known`);
  return channels;
}

function activated(x: Tensor, activation: Activation): Tensor {
  if (activation === 'none') return x;
  return activation === 'relu' ? relu(x) : relu6(x);
}

/** torch.nn.BatchNorm2d, with the activation behind it if wanted. Normalises by the batch in training mode. */
export function batchNorm(scope: Scope, x: Tensor, activation: Activation = 'none'): Tensor {
  const { gamma, beta, runningMean, runningVariance } = normParameters(scope, channelsOf(x, 'batchNorm'));
  if (scope.mode !== 'training') return activated(batchNormInference(x, gamma, beta, runningMean, runningVariance), activation);
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const { y, mean, variance } = batchNormTraining(x, gamma, beta, { activation });
  scope.observe({ runningMean, runningVariance, mean, variance, count: b * h * w });
  return y;
}

function normParameters(scope: Scope, channels: number): Record<'gamma' | 'beta' | 'runningMean' | 'runningVariance', Tensor> {
  return {
    gamma: scope.scale('weight', [channels], 1),
    beta: scope.scale('bias', [channels], 0),
    runningMean: scope.statistic('running_mean', [channels], 0),
    runningVariance: scope.statistic('running_var', [channels], 1),
  };
}

/**
 * Convolution without bias, batch normalisation, activation. Where the normalisation is frozen or folded it is a fixed map
 * per channel and goes into the convolution: (γ/√(σ² + ε) · w) ∗ x + (β − γμ/√(σ² + ε)).
 */
export function convBatchNorm(
  convScope: Scope,
  normScope: Scope,
  x: Tensor,
  outputs: number,
  kernel: number,
  { activation = 'none', ...options }: Omit<ConvOptions, 'bias'> & { readonly activation?: Activation } = {},
): Tensor {
  if (normScope.mode === 'training' || normScope.mode === 'inference')
    return batchNorm(normScope, conv(convScope, x, outputs, kernel, options), activation);
  const { w } = convWeight(convScope, x, outputs, kernel, options.groups);
  if (normScope.mode === 'folded') {
    const bias = normScope.weight('bias', [outputs], { kind: 'constant', value: 0 });
    convScope.fold(w, bias, normScope);
    return activated(conv2d(x, w, { ...options, bias }), activation);
  }
  const { gamma, beta, runningMean, runningVariance } = normParameters(normScope, outputs);
  const scale = div(gamma, sqrt(add(runningVariance, scalar(epsilon))));
  const bias = sub(beta, mul(runningMean, scale));
  return activated(conv2d(x, mul(w, reshape(scale, [outputs, 1, 1, 1])), { ...options, bias }), activation);
}

/** What a folded convolution is bound to, from the values of its parts: [O, C, kh, kw] and [O]. */
export function foldedValues(weight: Float32Array, norm: Readonly<Record<'gamma' | 'beta' | 'mean' | 'variance', Float32Array>>) {
  const outputs = norm.gamma.length;
  const perOutput = weight.length / outputs;
  const scale = Float64Array.from(norm.gamma, (g, o) => g / Math.sqrt((norm.variance[o] ?? 0) + epsilon));
  return {
    weight: weight.map((v, i) => v * (scale[Math.floor(i / perOutput)] ?? 0)),
    bias: norm.beta.map((b, o) => b - (norm.mean[o] ?? 0) * (scale[o] ?? 0)),
  };
}

/** Conv-BN-ReLU without bias and with 'same' padding, as `0` and `1` of a sequence. */
export function convBnRelu(scope: Scope, x: Tensor, outputs: number, kernel = 1, dilation = 1): Tensor {
  const padding = (dilation * (kernel - 1)) / 2;
  return convBatchNorm(scope.child(0), scope.child(1), x, outputs, kernel, { dilation, padding, activation: 'relu' });
}
