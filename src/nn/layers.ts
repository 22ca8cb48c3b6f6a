// The layers the networks are made of.

import { batchNormInference, batchNormTraining, conv2d, type ConvOptions, relu, staticMap, type Tensor } from '../graph/index.js';
import type { Scope } from './scope.js';

/** torch.nn.Conv2d's weights and its default initialisation: uniform in ±1/√fan_in. */
export function conv(
  scope: Scope,
  x: Tensor,
  outputs: number,
  kernel: number,
  options: Omit<ConvOptions, 'bias'> & { readonly bias?: boolean } = {},
): Tensor {
  const { bias = false, ...rest } = options;
  const channels = x.shape[1];
  if (typeof channels !== 'number') throw new Error('conv: the number of channels must be known');
  const inputs = channels / (options.groups ?? 1);
  const bound = 1 / Math.sqrt(inputs * kernel * kernel);
  const w = scope.weight('weight', [outputs, inputs, kernel, kernel], { kind: 'uniform', bound });
  return conv2d(x, w, { ...rest, ...(bias && { bias: scope.weight('bias', [outputs], { kind: 'uniform', bound }) }) });
}

/** torch.nn.BatchNorm2d, with the ReLU behind it if wanted. Normalises by the batch in training mode. */
export function batchNorm(scope: Scope, x: Tensor, activation: 'none' | 'relu' = 'none'): Tensor {
  const channels = x.shape[1];
  if (typeof channels !== 'number') throw new Error('batchNorm: the number of channels must be known');
  const gamma = scope.weight('weight', [channels], { kind: 'constant', value: 1 });
  const beta = scope.weight('bias', [channels], { kind: 'constant', value: 0 });
  const runningMean = scope.statistic('running_mean', [channels], 0);
  const runningVariance = scope.statistic('running_var', [channels], 1);
  if (scope.mode === 'inference') {
    const y = batchNormInference(x, gamma, beta, runningMean, runningVariance);
    return activation === 'relu' ? relu(y) : y;
  }
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const { y, mean, variance } = batchNormTraining(x, gamma, beta, { activation });
  scope.observe({ runningMean, runningVariance, mean, variance, count: b * h * w });
  return y;
}

/** Conv-BN-ReLU without bias and with 'same' padding, as `0` and `1` of a sequence. */
export function convBnRelu(scope: Scope, x: Tensor, outputs: number, kernel = 1, dilation = 1): Tensor {
  const y = conv(scope.child(0), x, outputs, kernel, { dilation, padding: (dilation * (kernel - 1)) / 2 });
  return batchNorm(scope.child(1), y, 'relu');
}
