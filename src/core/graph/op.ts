// Every op there is, and what each is told beside its tensors. The set is closed: what looks for an op in a graph (costs, 8 bits)
// compares kinds that the compiler knows.

import type { ConvGeometry } from './ops/conv-geometry.js';

/** Values that are given and not computed: fed at every run, bound when lowering, or part of the graph. */
export type Leaf =
  | { readonly kind: 'input' | 'parameter'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: Float32Array | Int32Array | BigInt64Array };

export type Op =
  | Leaf
  // Elementwise
  | { readonly kind: 'zeros' | 'add' | 'sub' | 'mul' | 'div' | 'minimum' | 'greater' }
  | { readonly kind: 'neg' | 'relu' | 'sigmoid' | 'tanh' | 'exp' | 'log' | 'sqrt' | 'softplus' }
  | { readonly kind: 'clip' | 'inside'; readonly low: number; readonly high: number }
  // Over axes
  | { readonly kind: 'reduceSum'; readonly axes: readonly number[]; readonly keepDims: boolean }
  | { readonly kind: 'reduceMax'; readonly axis: number }
  | { readonly kind: 'reshape' | 'expand' }
  | { readonly kind: 'transpose'; readonly perm: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'split'; readonly sizes: readonly number[]; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly kind: 'pad'; readonly axis: number; readonly before: number; readonly behind: number }
  // Products
  | { readonly kind: 'matmul'; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly kind: 'oneHot'; readonly classes: number }
  // Maps
  | { readonly kind: 'conv2d' | 'conv2dInputGradient' | 'conv2dWeightGradient'; readonly geometry: ConvGeometry }
  | { readonly kind: 'spreadPixels'; readonly stride: number }
  | { readonly kind: 'batchMoments' | 'channelSum' | 'channelDot' | 'affineSum' }
  | { readonly kind: 'batchNorm'; readonly activation: Activation }
  | { readonly kind: 'batchNormInference'; readonly epsilon: number }
  | { readonly kind: 'spatialMean' | 'expandSpatial' }
  | { readonly kind: 'resize' | 'resizeGradient'; readonly mode: ResizeMode }
  | { readonly kind: 'maxPool' | 'maxPoolGradient'; readonly kernel: number }
  // A value with a gradient in closed form
  | { readonly kind: 'logSoftmax' | 'softmax' | 'softmaxCrossEntropy' | 'berHu' };

export type OpKind = Op['kind'];

/** Bilinear by half-pixel centres; bilinear with the corners on one another; by nearest pixel. */
export type ResizeMode = 'bilinear' | 'aligned' | 'nearest';

/** What a batch normalisation does behind its sweep. */
export type Activation = 'none' | 'relu' | 'relu6';
