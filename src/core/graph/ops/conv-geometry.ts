// How a convolution's window moves over a map: stride, dilation, padding, and the size of what it gives.

import { type Dim, divideDim, GraphError } from '../dim.js';

/** Zeros around the map: top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

/** What a convolution's lowering needs to know, sizes apart. */
export interface ConvGeometry {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly pads: Pads | 'tf-same';
}

/** The zeros on each side; `tf-same` where they depend on an open size. */
export function resolvePads(
  padding: number | Pads | 'tf-same',
  h: Dim,
  w: Dim,
  kh: number,
  kw: number,
  stride: number,
  dilation: number,
): Pads | 'tf-same' {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding !== 'tf-same') return padding;
  if (typeof h !== 'number' || typeof w !== 'number') {
    // With stride 1 the padding does not depend on the size.
    if (stride > 1) return 'tf-same';
    return symmetric(dilation * (kh - 1), dilation * (kw - 1));
  }
  const total = (size: number, k: number): number => Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (k - 1) + 1 - size);
  return symmetric(total(h, kh), total(w, kw));
}

function symmetric(vertical: number, horizontal: number): Pads {
  return [Math.floor(vertical / 2), Math.floor(horizontal / 2), Math.ceil(vertical / 2), Math.ceil(horizontal / 2)];
}

export function outputSize(size: Dim, k: number, { stride, dilation, pads }: ConvGeometry, axis: 0 | 1): Dim {
  if (pads === 'tf-same') return divideDim(size, stride);
  const padded = pads[axis] + pads[axis + 2 === 2 ? 2 : 3];
  if (typeof size !== 'number') {
    // ⌊(n + p − d(k−1) − 1)/s⌋ + 1 = ⌈n/s⌉ exactly when p = d(k−1).
    if (padded !== dilation * (k - 1)) throw new GraphError('conv2d: an open size needs padding that keeps it');
    return divideDim(size, stride);
  }
  const out = Math.floor((size + padded - dilation * (k - 1) - 1) / stride) + 1;
  if (out < 1) throw new GraphError(`conv2d: a map of ${size} is too small for a kernel of ${k} with dilation ${dilation}`);
  return out;
}
