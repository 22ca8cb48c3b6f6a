// The CPU's blocked kernels, as ONNX nodes: convolutions on maps that lie as [B, C/n, H, W, n], and weights in their format.

import { axisOf, staticMap } from '../dim.js';
import type { Lowering } from '../lowering.js';
import type { Tensor } from '../tensor.js';
import { flipTaps, moveAxis, padAxes } from './axes.js';
import type { AttributeValue } from './proto.js';

/** ONNX Runtime's internal domain of blocked kernels; not public API, so the runtime's version is pinned. */
export const nchwc = 'com.microsoft.nchwc';

export function blockedConv(
  e: Lowering,
  x: string,
  weights: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  bias = '',
  addend?: string,
): string {
  const inputs = [x, weights, ...(bias || addend !== undefined ? [bias] : []), ...(addend === undefined ? [] : [addend])];
  return e.emit('Conv', inputs, { auto_pad: 'NOTSET', ...attributes }, { domain: nchwc });
}

/** The blocked kernels' own limit on what they write. */
export function clipActivation(low: number, high: number): Readonly<Record<string, AttributeValue>> {
  return { activation: 'Clip', activation_params: { floats: [low, high] } };
}

/**
 * Weights in the blocked kernels' format, inside the graph (they change every step):
 * dense [O, C, kh, kw] → [O/n, C/n, kh, kw, n (in), n (out)]; depthwise [C, 1, kh, kw] → [C/n, 1, kh, kw, n].
 * @param transposed for the input gradient: taps flipped, in- and outputs swapped.
 */
export function packWeights(e: Lowering, w: Tensor, groups: number, transposed: boolean): string {
  const [o, c, kh, kw] = staticMap(w.shape, 'conv2d weights');
  const n = e.blockSize;
  const op = e.paddedChannels(o);
  let name = e.plain(w);
  if (groups > 1) {
    name = padAxes(e, name, [op - o, 0, 0, 0]);
    if (transposed) name = flipTaps(e, name, [op / n, n, kh * kw], 2);
    return e.reshape(e.emit('Transpose', [e.reshape(name, [op / n, n, kh * kw])], { perm: [0, 2, 1] }), [op, 1, kh, kw]);
  }
  const cp = e.paddedChannels(c);
  const taps = kh * kw;
  name = padAxes(e, name, [op - o, cp - c, 0, 0]);
  const split = [op / n, n, cp / n, n, taps];
  // Steps that move one axis each: ONNX Runtime copies whole runs then, where one permutation goes value by value.
  if (!transposed) {
    const innerOutputs = moveAxis(e, e.reshape(name, split), split, 1, 4);
    return e.reshape(moveAxis(e, innerOutputs.name, innerOutputs.dims, 3, 2).name, [op, cp, kh, kw]);
  }
  const inputsFirst = moveAxis(e, flipTaps(e, name, split, 4), split, 2, 0);
  return e.reshape(moveAxis(e, inputsFirst.name, inputsFirst.dims, 4, 2).name, [cp, op, kh, kw]);
}

/** Weights for an input in the plain layout: [O, C, kh, kw] → [O/n, C, kh, kw, n (out)]. */
export function packOutputs(e: Lowering, w: Tensor): string {
  const [o, c, kh, kw] = staticMap(w.shape, 'conv2d weights');
  const n = e.blockSize;
  const op = e.paddedChannels(o);
  const split = [op / n, n, c * kh * kw];
  return e.reshape(moveAxis(e, e.reshape(padAxes(e, e.plain(w), [op - o, 0, 0, 0]), split), split, 1, 2).name, [op, c, kh, kw]);
}

/** A vector of one value a channel, with zeros for the padding channels. */
export function padVector(e: Lowering, name: string, size: number, padded: number): string {
  return size === padded ? name : padAxes(e, name, [padded - size]);
}

/** Blocked maps seen as [B·C/n, H·W, n], for reductions and broadcasts over the pixels. */
export function blockedPixels(e: Lowering, t: Tensor): { readonly name: string; readonly groups: number; readonly pixels: number } {
  const shape = staticMap(t.shape, 'blocked layout');
  const groups = shape[0] * (e.paddedChannels(shape[1]) / e.blockSize);
  const pixels = axisOf(shape, 2) * axisOf(shape, 3);
  return { name: e.reshape(e.blocked(t), [groups, pixels, e.blockSize]), groups, pixels };
}
