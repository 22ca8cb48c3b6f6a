// Batch normalisation over (B, H, W), optionally with the ReLU or ReLU6 behind it in the same sweep.
//
//   training:  μ, σ² over the batch; x̂ = (x − μ)/√(σ² + ε);  y = γ x̂ + β
//   gradient:  dβ = Σ dy,  dγ = Σ dy·x̂,  dx = γ/√(σ² + ε) · (dy − dβ/n − x̂·dγ/n)
//
// dx is affine per channel in dy and x: dx = a·dy + b·x + c. In the blocked layout such a sweep is a depthwise 1×1
// convolution, and a dot product per channel a depthwise convolution in which the other map is the kernel.

import { formatShape, GraphError, mapShape, staticMap } from '../dim.js';
import type { Lowering } from '../lowering.js';
import type { Activation } from '../op.js';
import { blockedConv, blockedPixels, clipActivation, padVector } from '../onnx/blocked.js';
import { defineNode, defineOp, outputOf, scalar, type Tensor } from '../tensor.js';
import { add, div, greater, inside, mul, sqrt, sub } from './elementwise.js';
import { reduceSum } from './reduce.js';
import { reshape } from './shape.js';

export interface BatchNormOptions {
  readonly epsilon?: number;
  readonly activation?: Activation;
}

export interface BatchNormResult {
  readonly y: Tensor;
  /** Batch mean [C], for the running statistics; no gradient. */
  readonly mean: Tensor;
  /** Biased batch variance [C]; no gradient. */
  readonly variance: Tensor;
}

/**
 * Normalises with the statistics of the batch.
 * @param x [B, C, H, W] of known sizes
 * @param gamma scale [C]
 * @param beta shift [C]
 */
export function batchNormTraining(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormOptions = {}): BatchNormResult {
  const { epsilon = 1e-5, activation = 'none' } = options;
  const [, c, h, w] = staticMap(x.shape, 'batchNorm');
  const node = defineNode({
    op: { kind: 'batchMoments' },
    inputs: [x],
    shapes: [[c], [c]],
    gradient: () => [],
    lower: (e, [mean, variance]) => {
      const [mu, spread] = h * w <= fewPixels ? centredMoments(e, x) : rawMoments(e, x);
      if (mean) e.define(mean, mu);
      if (variance) e.define(variance, spread);
    },
  });
  const mean = outputOf(node, 0);
  const variance = outputOf(node, 1);
  const deviation = sqrt(add(variance, scalar(epsilon)));
  const inverse = div(scalar(1), deviation);
  const scale = mul(gamma, inverse);
  const shift = sub(beta, mul(mean, scale));
  const y: Tensor = defineOp({
    op: { kind: 'batchNorm', activation },
    keepsZero: true,
    inputs: [x, gamma, beta, scale, shift],
    shape: x.shape,
    gradient: ([dy]) => {
      if (!dy) return [];
      const { dx, dgamma, dbeta } = trainingGradient(dy, { x, y, mean, inverse, scale, activation });
      return [dx, dgamma, dbeta];
    },
    lower: (e) => lowerAffine(e, y, x, scale, shift, activation),
  });
  return { y, mean, variance };
}

interface Saved {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly mean: Tensor;
  readonly inverse: Tensor;
  readonly scale: Tensor;
  readonly activation: Activation;
}

function trainingGradient(dy: Tensor, saved: Saved): { dx: Tensor; dgamma: Tensor; dbeta: Tensor } {
  const { x, y, mean, inverse, scale, activation } = saved;
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const n = b * h * w;
  const dz = activation === 'none' ? dy : mul(dy, activation === 'relu' ? greater(y, scalar(0)) : inside(y, 0, 6));
  const dbeta = channelSum(dz);
  const dgamma = mul(inverse, sub(channelDot(dz, x), mul(mean, dbeta)));
  // dx = scale·dz + slope·x + offset
  const slope = mul(mul(scale, mul(inverse, dgamma)), scalar(-1 / n));
  const offset = sub(mul(mul(scale, dbeta), scalar(-1 / n)), mul(slope, mean));
  return { dx: affineSum(dz, scale, x, slope, offset), dgamma, dbeta };
}

/** Normalises with given statistics: a fixed affine map per channel. All shapes [C] but x's. */
export function batchNormInference(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor, epsilon = 1e-5): Tensor {
  const [, c] = mapShape(x.shape, 'batchNorm');
  for (const t of [gamma, beta, mean, variance])
    if (t.shape.length !== 1 || t.shape[0] !== c) throw new GraphError(`batchNorm: ${formatShape(t.shape)} for ${c} channels`);
  const inverse = div(scalar(1), sqrt(add(variance, scalar(epsilon))));
  const perChannel = (t: Tensor): Tensor => reshape(t, [1, c, 1, 1]);
  const y: Tensor = defineOp({
    op: { kind: 'batchNormInference', epsilon },
    inputs: [x, gamma, beta, mean, variance],
    shape: x.shape,
    gradient: ([dy]) => {
      if (!dy) return [];
      const dgamma = mul(inverse, sub(channelDot(dy, x), mul(mean, channelSum(dy))));
      return [mul(dy, perChannel(mul(gamma, inverse))), dgamma, channelSum(dy)];
    },
    lower: (e) => {
      const inputs = [e.plain(x), e.plain(gamma), e.plain(beta), e.plain(mean), e.plain(variance)];
      e.define(y, e.emit('BatchNormalization', inputs, { epsilon: { float: epsilon } }));
    },
  });
  return y;
}

function isBlocked(e: Lowering, t: Tensor): boolean {
  return e.blockSize > 0 && e.layoutOf(t) === 'blocked';
}

/** Maps of so few pixels cost nothing, and globally pooled ones have a small variance about a large mean. */
const fewPixels = 16;

/** Mean and E[(x − mean)²]: two passes, no cancellation. */
function centredMoments(e: Lowering, x: Tensor): readonly [string, string] {
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const axes = e.ints([0, 2, 3]);
  const mean = e.emit('ReduceMean', [e.plain(x), axes], { keepdims: 1 });
  const squares = e.emit('ReduceSumSquare', [e.emit('Sub', [e.plain(x), mean]), axes], { keepdims: 0 });
  return [e.emit('Squeeze', [mean, axes]), e.emit('Mul', [squares, e.float(1 / (b * h * w))])];
}

/** Mean and E[x²] − E[x]², which may fall below zero by rounding: one pass. */
function rawMoments(e: Lowering, x: Tensor): readonly [string, string] {
  const [mean, square] = isBlocked(e, x) ? blockedMoments(e, x) : plainMoments(e, x);
  return [mean, e.emit('Max', [e.emit('Sub', [square, e.emit('Mul', [mean, mean])]), e.float(0)])];
}

function plainMoments(e: Lowering, x: Tensor): readonly [string, string] {
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const axes = e.ints([0, 2, 3]);
  const squares = e.emit('ReduceSumSquare', [e.plain(x), axes], { keepdims: 0 });
  return [e.emit('ReduceMean', [e.plain(x), axes], { keepdims: 0 }), e.emit('Mul', [squares, e.float(1 / (b * h * w))])];
}

function blockedMoments(e: Lowering, x: Tensor): readonly [string, string] {
  const [b, , h, w] = staticMap(x.shape, 'batchNorm');
  const inverse = e.float(1 / (b * h * w));
  return [e.emit('Mul', [blockedChannelSum(e, x), inverse]), e.emit('Mul', [blockedChannelDot(e, x, x), inverse])];
}

/** Σ over images and pixels, per channel: [B, C, H, W] → [C]. */
function channelSum(x: Tensor): Tensor {
  const [, c] = staticMap(x.shape, 'channelSum');
  const y: Tensor = defineOp({
    op: { kind: 'channelSum' },
    inputs: [x],
    shape: [c],
    lower: (e) =>
      e.define(y, isBlocked(e, x) ? blockedChannelSum(e, x) : e.emit('ReduceSum', [e.plain(x), e.ints([0, 2, 3])], { keepdims: 0 })),
  });
  return y;
}

/** Σ a·b over images and pixels, per channel: → [C]. */
function channelDot(a: Tensor, b: Tensor): Tensor {
  const [, c] = staticMap(a.shape, 'channelDot');
  const plain = reduceSum(mul(a, b), [0, 2, 3]);
  const y: Tensor = defineOp({
    op: { kind: 'channelDot' },
    inputs: [a, b],
    shape: [c],
    lower: (e) => e.define(y, isBlocked(e, a) || isBlocked(e, b) ? blockedChannelDot(e, a, b) : e.plain(plain)),
  });
  return y;
}

function blockedChannelSum(e: Lowering, x: Tensor): string {
  const { name } = blockedPixels(e, x);
  return overImages(e, x, e.emit('ReduceSum', [name, e.ints([1])], { keepdims: 0 }));
}

function blockedChannelDot(e: Lowering, a: Tensor, b: Tensor): string {
  const [batch, c, h, w] = staticMap(a.shape, 'channelDot');
  const channels = batch * e.paddedChannels(c);
  const attributes = { kernel_shape: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: channels };
  const dots = blockedConv(e, e.reshape(e.blocked(a), [1, channels, h, w]), e.reshape(e.blocked(b), [channels, 1, h, w]), attributes);
  return overImages(e, a, dots);
}

/** Per image and padded channel → per channel. */
function overImages(e: Lowering, x: Tensor, name: string): string {
  const [b, c] = staticMap(x.shape, 'channelSum');
  const padded = e.paddedChannels(c);
  const sum = e.emit('ReduceSum', [e.reshape(name, [b, padded]), e.ints([0])], { keepdims: 0 });
  return padded === c ? sum : e.emit('Slice', [sum, e.ints([0]), e.ints([c])]);
}

const blockedActivation = { none: {}, relu: { activation: 'Relu' }, relu6: clipActivation(0, 6) } as const;

const pointwise = { kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;

/** Per-channel factors as the kernel of a blocked depthwise 1×1 convolution. */
function blockedFactors(e: Lowering, t: Tensor, channels: number): string {
  const padded = e.paddedChannels(channels);
  return e.reshape(padVector(e, e.plain(t), channels, padded), [padded, 1, 1, 1]);
}

/** y = scale·x + shift per channel, with the activation in the same sweep. */
function lowerAffine(e: Lowering, y: Tensor, x: Tensor, scale: Tensor, shift: Tensor, activation: Activation): void {
  const [, c] = staticMap(x.shape, 'batchNorm');
  if (isBlocked(e, x)) {
    const padded = e.paddedChannels(c);
    const attributes = { ...pointwise, group: padded, ...blockedActivation[activation] };
    const name = blockedConv(e, e.blocked(x), blockedFactors(e, scale, c), attributes, padVector(e, e.plain(shift), c, padded));
    return e.define(y, name, 'blocked');
  }
  // One node: BatchNormalization with mean 0 and variance 1 is scale·x + shift.
  const none = e.floats(new Float32Array(c), [c]);
  const one = e.floats(new Float32Array(c).fill(1), [c]);
  const name = e.emit('BatchNormalization', [e.plain(x), e.plain(scale), e.plain(shift), none, one], { epsilon: { float: 0 } });
  if (activation === 'none') e.define(y, name);
  else e.define(y, activation === 'relu' ? e.emit('Relu', [name]) : e.emit('Clip', [name, e.float(0), e.float(6)]));
}

/** a·p + b·q + c per channel. */
function affineSum(p: Tensor, a: Tensor, q: Tensor, b: Tensor, c: Tensor): Tensor {
  const [, channels] = staticMap(p.shape, 'batchNorm');
  const perChannel = (t: Tensor): Tensor => reshape(t, [1, channels, 1, 1]);
  const plain = add(mul(p, perChannel(a)), add(mul(q, perChannel(b)), perChannel(c)));
  const y: Tensor = defineOp({
    op: { kind: 'affineSum' },
    keepsZero: true,
    inputs: [p, q, a, b, c],
    shape: p.shape,
    lower: (e) => {
      if (!isBlocked(e, p) && !isBlocked(e, q)) return e.define(y, e.plain(plain));
      const padded = e.paddedChannels(channels);
      const attributes = { ...pointwise, group: padded };
      const offset = padVector(e, e.plain(c), channels, padded);
      const first = blockedConv(e, e.blocked(p), blockedFactors(e, a, channels), attributes, offset);
      e.define(y, blockedConv(e, e.blocked(q), blockedFactors(e, b, channels), attributes, '', first), 'blocked');
    },
  });
  return y;
}
