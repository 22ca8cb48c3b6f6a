// 2-D convolution (cross-correlation) and its two gradients, for any stride, dilation, padding and grouping.
//
//   y[o, i] = Σ_{c, k} w[o, c, k] · x[c, i·s + k·d − p]
//
//   dx: the taps of dy, spread by the stride, correlated with the flipped kernel whose in- and outputs are swapped:
//       dx[c, j] = Σ_{o, k} w[o, c, K−1−k] · dy↑s[o, j + k·d − (d(K−1) − p)]
//   dw: stride and dilation swap roles: dw[o, c, k] = Σ_i dy[o, i] · x[c, i·s + k·d − p]

import { axisOf, formatShape, GraphError, mapShape, staticMap, staticShape } from '../dim.js';
import type { Lowering } from '../lowering.js';
import { flipTaps, padAxes } from '../onnx/axes.js';
import { blockedConv, clipActivation, packOutputs, packWeights, padVector } from '../onnx/blocked.js';
import type { AttributeValue } from '../onnx/proto.js';
import { defineOp, type Tensor } from '../tensor.js';
import { lowerWeightGradient } from './conv2d-weight-gradient.js';
import { type ConvGeometry, outputSize, type Pads, resolvePads } from './conv-geometry.js';
import { reduceSum } from './reduce.js';
import { slice } from './shape.js';

export interface ConvOptions {
  readonly stride?: number;
  readonly dilation?: number;
  readonly groups?: number;
  /**
   * A number of zeros on every side; four numbers; or `tf-same`, TensorFlow's SAME: output ⌈size / stride⌉, the odd
   * zero at the bottom and the right. Default 0.
   */
  readonly padding?: number | Pads | 'tf-same';
  readonly bias?: Tensor;
}

/**
 * @param x [B, C, H, W]
 * @param w [O, C / groups, kh, kw]
 * @returns [B, O, H′, W′]
 */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  const { stride = 1, dilation = 1, groups = 1, padding = 0, bias } = options;
  const [b, c, h, width] = mapShape(x.shape, 'conv2d');
  const [o, cg, kh, kw] = staticMap(w.shape, 'conv2d weights');
  if (cg * groups !== c || o % groups !== 0)
    throw new GraphError(`conv2d: weights ${formatShape(w.shape)} with ${groups} group(s) do not fit ${c} input channels`);
  const pads = resolvePads(padding, h, width, kh, kw, stride, dilation);
  const geometry: ConvGeometry = { stride, dilation, groups, pads };
  if (pads !== 'tf-same') {
    const cropped = cropKernel(x, w, geometry, pads);
    if (cropped) return conv2d(x, cropped.w, { stride, dilation, groups, padding: cropped.pads, ...(bias && { bias }) });
  }
  const y: Tensor = defineOp({
    op: { kind: 'conv2d', geometry },
    keepsZero: true,
    inputs: bias ? [x, w, bias] : [x, w],
    shape: [b, o, outputSize(h, kh, geometry, 0), outputSize(width, kw, geometry, 1)],
    gradient: ([dy]) => {
      if (!dy) return [];
      const dx = inputGradient(dy, w, geometry, staticMap(x.shape, 'gradient of conv2d'));
      return [dx, weightGradient(x, dy, geometry, staticMap(w.shape, 'conv2d weights')), ...(bias ? [reduceSum(dy, [0, 2, 3])] : [])];
    },
    lower: (e) => {
      if (usesBlocks(e, x, w, geometry)) e.define(y, lowerBlocked(e, x, w, geometry, bias), 'blocked');
      else e.define(y, lowerPlain(e, x, w, geometry, bias));
    },
    lowerAccumulating: (e, addend) => (usesBlocks(e, x, w, geometry) ? lowerBlocked(e, x, w, geometry, bias, { addend }) : undefined),
    lowerClipped: (e, low, high) =>
      usesBlocks(e, x, w, geometry) ? lowerBlocked(e, x, w, geometry, bias, { activation: clipActivation(low, high) }) : undefined,
  });
  return y;
}

/**
 * Taps that only ever meet padding are not computed: dilation 12 on a map of 6×8 leaves one tap of nine. The slice's
 * gradient gives the other weights zero, which is theirs.
 */
function cropKernel(x: Tensor, w: Tensor, geometry: ConvGeometry, pads: Pads): { w: Tensor; pads: Pads } | undefined {
  const [, , h, width] = mapShape(x.shape, 'conv2d');
  const [, , kh, kw] = staticMap(w.shape, 'conv2d weights');
  if (typeof h !== 'number' || typeof width !== 'number') return undefined;
  const { dilation: d, stride: s } = geometry;
  const range = (size: number, k: number, before: number, behind: number): readonly [number, number] => {
    const last = Math.floor((size + before + behind - d * (k - 1) - 1) / s) * s;
    const meets = (tap: number): boolean => tap * d - before < size && last + tap * d - before >= 0;
    const taps = Array.from({ length: k }, (_, tap) => tap).filter(meets);
    return [taps[0] ?? 0, (taps.at(-1) ?? k - 1) + 1];
  };
  const [top, bottom] = range(h, kh, pads[0], pads[2]);
  const [left, right] = range(width, kw, pads[1], pads[3]);
  if (bottom - top === kh && right - left === kw) return undefined;
  const cropped: Pads = [pads[0] - top * d, pads[1] - left * d, pads[2] - (kh - bottom) * d, pads[3] - (kw - right) * d];
  if (cropped.some((p) => p < 0)) return undefined;
  return { w: slice(slice(w, 2, top, bottom), 3, left, right), pads: cropped };
}

/** Whether the blocked kernels take this convolution: dense or depthwise, on maps of more than one pixel. */
function usesBlocks(e: Lowering, x: Tensor, w: Tensor, { groups, pads }: ConvGeometry): boolean {
  if (e.blockSize === 0 || pads === 'tf-same') return false;
  const [, c, h, width] = staticMap(x.shape, 'conv2d');
  const [o, perGroup] = staticMap(w.shape, 'conv2d weights');
  if (h * width === 1) return false;
  return groups === 1 || (groups === c && o === c && perGroup === 1);
}

function attributesOf(
  kernel: readonly [number, number],
  { stride, dilation, pads }: ConvGeometry,
  group: number,
): Record<string, AttributeValue> {
  return {
    kernel_shape: kernel,
    strides: [stride, stride],
    dilations: [dilation, dilation],
    group,
    ...(pads === 'tf-same' ? { auto_pad: 'SAME_UPPER' } : { pads }),
  };
}

function lowerPlain(e: Lowering, x: Tensor, w: Tensor, geometry: ConvGeometry, bias?: Tensor): string {
  const [o, c, kh, kw] = staticMap(w.shape, 'conv2d weights');
  const attributes = attributesOf([kh, kw], geometry, geometry.groups);
  const eightBits = e.quantisedWeights(x, w, bias);
  if (eightBits) return e.emit('Conv', [e.plain(x), ...eightBits], attributes);
  return plainConv(e, e.plain(x), e.plain(w), [o, c, kh, kw], attributes, bias && e.plain(bias));
}

/**
 * ONNX's own convolution. ONNX Runtime 1.30 takes input channels in threes on WebGPU where their number is a multiple of 3 and not
 * of 4 and that of the outputs one of 4; the result is then wrong, without a word, for kernels of more than one tap (as in
 * microsoft/onnxruntime#29651). Three channels, an image, are right. So there are zeros for a fourth: exported models run there too.
 * @param shape of the weights
 */
function plainConv(
  e: Lowering,
  x: string,
  w: string,
  [o, c, kh, kw]: readonly [number, number, number, number],
  attributes: Readonly<Record<string, AttributeValue>>,
  bias?: string,
): string {
  const inThrees = attributes['group'] === 1 && c > 3 && c % 3 === 0 && c % 4 !== 0 && o % 4 === 0 && kh * kw > 1;
  const zeros = [0, inThrees ? 4 - (c % 4) : 0, 0, 0];
  return e.emit('Conv', [padAxes(e, x, zeros), padAxes(e, w, zeros), ...(bias === undefined ? [] : [bias])], attributes);
}

/** What a convolution does beside: adds to a map, limits its result. */
interface Fused {
  readonly addend?: string;
  readonly activation?: Readonly<Record<string, AttributeValue>>;
}

function lowerBlocked(e: Lowering, x: Tensor, w: Tensor, geometry: ConvGeometry, bias?: Tensor, fused: Fused = {}): string {
  const [o, c, kh, kw] = staticMap(w.shape, 'conv2d weights');
  // The kernels take a map of few channels (an image) as it lies.
  const direct = geometry.groups === 1 && c < e.blockSize && e.layoutOf(x) === 'plain';
  const weights = direct
    ? e.memo(w, 'blocked outputs', () => packOutputs(e, w))
    : e.memo(w, 'blocked', () => packWeights(e, w, geometry.groups, false));
  const packedBias = bias ? padVector(e, e.plain(bias), o, e.paddedChannels(o)) : '';
  const group = geometry.groups === 1 ? 1 : e.paddedChannels(o);
  const attributes = { ...attributesOf([kh, kw], geometry, group), ...fused.activation };
  return blockedConv(e, direct ? e.plain(x) : e.blocked(x), weights, attributes, packedBias, fused.addend);
}

/** dx of `conv2d` from dy; a convolution of stride 1 with the flipped kernel. */
function inputGradient(dy: Tensor, w: Tensor, geometry: ConvGeometry, inputShape: readonly [number, number, number, number]): Tensor {
  const [b, c, h, width] = inputShape;
  const [o, cg, kh, kw] = staticMap(w.shape, 'conv2d weights');
  const { stride, dilation, groups, pads } = geometry;
  if (pads === 'tf-same') throw new GraphError('conv2d: padding of an open size has no gradient');
  const spread = stride === 1 ? dy : spreadPixels(dy, stride);
  const [, , sh, sw] = staticMap(spread.shape, 'gradient of conv2d');
  const top = dilation * (kh - 1) - pads[0];
  const left = dilation * (kw - 1) - pads[1];
  const backPads: Pads = [top, left, h - sh - top + dilation * (kh - 1), width - sw - left + dilation * (kw - 1)];
  const back: ConvGeometry = { stride: 1, dilation, groups, pads: backPads };
  const negative = backPads.some((p) => p < 0);
  const blocked = (e: Lowering): boolean => !negative && usesBlocks(e, spread, w, back);
  const lower = (e: Lowering, addend?: string): string => {
    const weights = e.memo(w, 'blocked transposed', () => packWeights(e, w, groups, true));
    return blockedConv(e, e.blocked(spread), weights, attributesOf([kh, kw], back, groups === 1 ? 1 : e.paddedChannels(c)), '', addend);
  };
  const dx: Tensor = defineOp({
    op: { kind: 'conv2dInputGradient', geometry },
    keepsZero: true,
    inputs: [spread, w],
    shape: [b, c, h, width],
    lower: (e) => {
      if (blocked(e)) return e.define(dx, lower(e), 'blocked');
      // [O, C/g, kh, kw] → taps flipped, [C, O/g, kh, kw]
      const grouped = flipTaps(e, e.plain(w), [groups, o / groups, cg, kh * kw], 3);
      const weights = e.reshape(e.emit('Transpose', [grouped], { perm: [0, 2, 1, 3] }), [c, o / groups, kh, kw]);
      e.define(dx, convCroppingNegativePads(e, e.plain(spread), weights, back, [c, o / groups, kh, kw], [sh, sw]));
    },
    lowerAccumulating: (e, addend) => (blocked(e) ? lower(e, addend) : undefined),
  });
  return dx;
}

/** A kernel smaller than its padding was (p > d(k−1)) asks for a crop of dy instead of zeros around it. */
function convCroppingNegativePads(
  e: Lowering,
  x: string,
  w: string,
  geometry: ConvGeometry,
  shape: readonly [number, number, number, number],
  size: readonly [number, number],
): string {
  if (geometry.pads === 'tf-same') throw new GraphError('conv2d: open padding has no gradient');
  const [top, left, bottom, right] = geometry.pads;
  let name = x;
  if (Math.min(top, left, bottom, right) < 0) {
    const starts = [Math.max(0, -top), Math.max(0, -left)];
    const ends = [size[0] - Math.max(0, -bottom), size[1] - Math.max(0, -right)];
    name = e.emit('Slice', [name, e.ints(starts), e.ints(ends), e.ints([2, 3])]);
  }
  const pads: Pads = [Math.max(0, top), Math.max(0, left), Math.max(0, bottom), Math.max(0, right)];
  const [, , kh, kw] = shape;
  return plainConv(e, name, w, shape, attributesOf([kh, kw], { ...geometry, pads }, geometry.groups));
}

/** dy↑s: s − 1 zeros between neighbouring pixels. */
function spreadPixels(x: Tensor, stride: number): Tensor {
  const [b, c, h, w] = staticMap(x.shape, 'spreadPixels');
  const [sh, sw] = [(h - 1) * stride + 1, (w - 1) * stride + 1];
  const y: Tensor = defineOp({
    op: { kind: 'spreadPixels', stride },
    keepsZero: true,
    inputs: [x],
    shape: [b, c, sh, sw],
    lower: (e) => {
      const blocked = e.blockSize > 0 && h * w > 1 && e.layoutOf(x) === 'blocked';
      const n = blocked ? e.blockSize : 1;
      const maps = (b * (blocked ? e.paddedChannels(c) : c)) / n;
      const pixels = e.reshape(blocked ? e.blocked(x) : e.plain(x), [maps, h, 1, w, n]);
      // Behind every row s − 1 rows of zeros, behind every pixel s − 1 pixels of n zeros.
      const spread = e.emit('Pad', [pixels, e.ints([0, 0, 0, 0, 0, 0, 0, stride - 1, 0, n * (stride - 1)])]);
      const full = e.reshape(spread, [maps, h * stride, w * stride, n]);
      const cut = e.emit('Slice', [full, e.ints([0, 0]), e.ints([sh, sw]), e.ints([1, 2])]);
      e.define(y, e.reshape(cut, [b, (maps * n) / b, sh, sw]), blocked ? 'blocked' : 'plain');
    },
  });
  return y;
}

/** dw of `conv2d` from x and dy. */
function weightGradient(x: Tensor, dy: Tensor, geometry: ConvGeometry, kernelShape: readonly [number, number, number, number]): Tensor {
  const dw: Tensor = defineOp({
    op: { kind: 'conv2dWeightGradient', geometry },
    inputs: [x, dy],
    shape: staticShape(kernelShape, 'conv2d weights'),
    lower: (e) => e.define(dw, lowerWeightGradient(e, x, dy, geometry, kernelShape)),
  });
  return dw;
}

/** Multiply-adds of a convolution with these weights at an output of h × w, one image. */
export function convMultiplyAdds(weights: readonly number[], h: number, w: number): number {
  return axisOf(weights, 0) * axisOf(weights, 1) * axisOf(weights, 2) * axisOf(weights, 3) * h * w;
}
