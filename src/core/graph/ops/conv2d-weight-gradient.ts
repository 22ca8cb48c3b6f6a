// The weight gradient of a convolution: dw[o, c, k] = Σ_{b, i} dy[b, o, i] · x[b, c, i·s + k·d − p].
//
// It reduces over all pixels of all images and yields a few thousand numbers, so no forward kernel fits as it is:
// - depthwise: a depthwise convolution in which dy is the kernel and stride and dilation swap roles;
// - dense of stride 1, blocked: x stays in its blocks, with zeros between the rows so that a shift of the window is a
//   shift in memory; one matrix product per tap and block, dy [O, pixels] · shifted x [pixels, n];
// - otherwise: one matrix product per tap, dy [O, pixels] · shifted x [pixels, C], with strided copies.

import { GraphError, staticMap } from '../dim.js';
import type { Lowering } from '../lowering.js';
import { cropAxes, moveAxis, sliceAxis } from '../onnx/axes.js';
import { blockedConv, nchwc } from '../onnx/blocked.js';
import type { Tensor } from '../tensor.js';
import type { ConvGeometry, Pads } from './conv-geometry.js';

type KernelShape = readonly [number, number, number, number];

export function lowerWeightGradient(e: Lowering, x: Tensor, dy: Tensor, geometry: ConvGeometry, kernelShape: KernelShape): string {
  const { groups, pads } = geometry;
  if (pads === 'tf-same') throw new GraphError('conv2d: padding of an open size has no gradient');
  const [, c, h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [o] = kernelShape;
  if (groups === c && o === c) return depthwise(e, x, dy, geometry, pads, kernelShape, e.blockSize > 0 && h * w > 1);
  const rows = e.blockSize > 0 && h * w > 1 ? rowLayout(x, dy, geometry, pads, kernelShape) : undefined;
  return rows ? perShift(e, x, dy, geometry, rows, kernelShape) : perTap(e, x, dy, geometry, pads, kernelShape);
}

/** How x lies in memory for `perShift`: `height` rows of `width` pixels an image, x itself from (`top`, `left`) on. */
interface RowLayout {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Undefined where shifts would not be shifts in memory: strides, groups, windows wider than a row. */
function rowLayout(x: Tensor, dy: Tensor, geometry: ConvGeometry, pads: Pads, kernelShape: KernelShape): RowLayout | undefined {
  const { stride, dilation, groups } = geometry;
  const [, , h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [, , , ow] = staticMap(dy.shape, 'gradient of conv2d');
  const [, , kh, kw] = kernelShape;
  const [top, left, bottom, right] = pads;
  if (stride !== 1 || groups !== 1) return undefined;
  if (kh === 1 && kw === 1 && pads.every((p) => p === 0)) return { top, left, height: h, width: w };
  // The zeros on the right of a row are those on the left of the next; the last row needs one more behind it.
  const width = left + w + Math.max(0, right - left);
  return ow > width || dilation * (kw - 1) > width ? undefined : { top, left, height: top + h + bottom + 1, width };
}

/** dw at tap (i, j) = Σ_b dy_b [O, pixels] · (x_b shifted by i·d rows and j·d pixels) [pixels, n], block by block. */
function perShift(e: Lowering, x: Tensor, dy: Tensor, { dilation: d }: ConvGeometry, rows: RowLayout, kernelShape: KernelShape): string {
  const [b, c, h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [, , oh, ow] = staticMap(dy.shape, 'gradient of conv2d');
  const [o, , kh, kw] = kernelShape;
  const { top, left, height, width } = rows;
  const n = e.blockSize;
  const blocks = e.paddedChannels(c) / n;
  const around: Pads = [top, left, height - top - h, width - left - w];
  const key = `rows ${around.join()}`;
  const image = e.memo(x, key, () => e.reshape(padBlocks(e, x, around), [b, blocks, height * width, n]));
  const outputs = e.memo(dy, `rows ${width}`, () => {
    if (width === ow) return e.reshape(e.plain(dy), [b, 1, o, oh * ow]);
    const padded = e.reshape(padBlocks(e, dy, [0, 0, 0, width - ow]), [b, e.paddedChannels(o), oh, width]);
    return e.reshape(e.emit('ReorderOutput', [padded], { channels: o }, { domain: nchwc }), [b, 1, o, oh * width]);
  });
  const taps: string[] = [];
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++) {
      const start = i * d * width + j * d;
      const shifted = e.memo(x, `${key} ${start} ${oh}`, () => sliceAxis(e, image, 2, start, 1, oh * width, height * width));
      taps.push(e.emit('ReduceSum', [e.emit('MatMul', [outputs, shifted]), e.ints([0])], { keepdims: 0 }));
    }
  // [taps · C/n, O, n] → [O, C, kh, kw]
  const stacked = [kh * kw, blocks, o, n];
  const all = e.reshape(e.concat(taps, 0), stacked);
  const outputsFirst = moveAxis(e, all, stacked, 2, 0);
  const padded = [o, blocks * n, kh, kw];
  return cropAxes(e, e.reshape(moveAxis(e, outputsFirst.name, outputsFirst.dims, 1, 3).name, padded), kernelShape, padded);
}

/** Blocked map `t` as [B, C/n, H, W, n] with zeros around. */
function padBlocks(e: Lowering, t: Tensor, [top, left, bottom, right]: Pads): string {
  const [b, c, h, w] = staticMap(t.shape, 'gradient of conv2d');
  const split = e.reshape(e.blocked(t), [b, e.paddedChannels(c) / e.blockSize, h, w, e.blockSize]);
  return top + left + bottom + right === 0 ? split : e.emit('Pad', [split, e.ints([0, 0, top, left, 0, 0, 0, bottom, right, 0])]);
}

/** Each image's channel is a group of its own: x as [1, B·C, H, W], dy as the kernels [B·C, 1, h, w]. */
function depthwise(
  e: Lowering,
  x: Tensor,
  dy: Tensor,
  geometry: ConvGeometry,
  pads: Pads,
  kernelShape: KernelShape,
  blocked: boolean,
): string {
  const [b, c, h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [, , oh, ow] = staticMap(dy.shape, 'gradient of conv2d');
  const [, , kh, kw] = kernelShape;
  const { stride: s, dilation: d } = geometry;
  // Input rows that no kernel position reached would give taps of their own: pad (or rather, crop) to exactly kh × kw.
  const reach = (k: number, out: number): number => (k - 1) * d + (out - 1) * s + 1;
  const bottom = reach(kh, oh) - h - pads[0];
  const right = reach(kw, ow) - w - pads[1];
  const attributes = {
    kernel_shape: [oh, ow],
    strides: [d, d],
    dilations: [s, s],
    pads: [pads[0], pads[1], Math.max(0, bottom), Math.max(0, right)],
  };
  const channels = blocked ? e.paddedChannels(c) : c;
  const image = e.reshape(blocked ? e.blocked(x) : e.plain(x), [1, b * channels, h, w]);
  const kernel = e.reshape(blocked ? e.blocked(dy) : e.plain(dy), [b * channels, 1, oh, ow]);
  // Rows left over below (bottom < 0) give at most extra taps behind the kh wanted.
  const taps = (k: number, size: number, before: number, behind: number, out: number): number =>
    Math.floor((size + before + Math.max(0, behind) - s * (out - 1) - 1) / d) + 1 - k;
  const extra = [taps(kh, h, pads[0], bottom, oh), taps(kw, w, pads[1], right, ow)] as const;
  const full: readonly [number, number] = [kh + extra[0], kw + extra[1]];
  if (blocked) {
    const n = e.blockSize;
    const y = blockedConv(e, image, kernel, { ...attributes, group: b * channels });
    const sum = e.emit('ReduceSum', [e.reshape(y, [b, channels / n, full[0] * full[1], n]), e.ints([0])], { keepdims: 0 });
    const perChannel = e.reshape(e.emit('Transpose', [sum], { perm: [0, 2, 1] }), [channels, 1, full[0], full[1]]);
    return cropAxes(e, perChannel, [c, 1, kh, kw], [channels, 1, ...full]);
  }
  const y = e.emit('Conv', [image, kernel], { ...attributes, group: b * channels });
  const sum = e.emit('ReduceSum', [e.reshape(y, [b, c, 1, full[0], full[1]]), e.ints([0])], { keepdims: 0 });
  return cropAxes(e, sum, [c, 1, kh, kw], [c, 1, ...full]);
}

const thinChannels = 8;

/** dw at tap k = Σ_b dy_b [O, pixels] · (x_b shifted by k) [pixels, C]. */
function perTap(e: Lowering, x: Tensor, dy: Tensor, geometry: ConvGeometry, pads: Pads, kernelShape: KernelShape): string {
  const [b, , h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [, , oh, ow] = staticMap(dy.shape, 'gradient of conv2d');
  const [o, cg, kh, kw] = kernelShape;
  const { stride: s, dilation: d, groups: g } = geometry;
  const og = o / g;
  const pixelsLast = e.reshape(e.plain(dy), [b, g, og, oh * ow]);
  // x with channels last, [B, g, H, W, C/g]: the same for every convolution of x with this padding.
  const key = `channels last ${g} ${pads.join()}`;
  const channelsLast = e.memo(x, key, () => {
    let image = e.reshape(e.plain(x), [b, g, cg, h, w]);
    if (pads.some((p) => p > 0)) image = e.emit('Pad', [image, e.ints([0, 0, 0, pads[0], pads[1], 0, 0, 0, pads[2], pads[3]])]);
    return e.emit('Transpose', [image], { perm: [0, 1, 3, 4, 2] });
  });
  const [ph, pw] = [h + pads[0] + pads[2], w + pads[1] + pads[3]];
  const taps: string[] = [];
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++) {
      // Columns first: then the rows of a shifted copy lie one behind the other.
      const columns = e.memo(x, `${key} columns ${j * d} ${s} ${ow}`, () => sliceAxis(e, channelsLast, 3, j * d, s, ow, pw));
      const shifted = e.memo(x, `${key} taps ${i * d} ${j * d} ${s} ${oh} ${ow}`, () =>
        e.reshape(sliceAxis(e, columns, 2, i * d, s, oh, ph), [b, g, oh * ow, cg]),
      );
      taps.push(shifted);
    }
  const product = (columns: string): string => e.emit('ReduceSum', [e.emit('MatMul', [pixelsLast, columns]), e.ints([0])], { keepdims: 0 });
  // Few channels make thin products: all taps side by side, [pixels, taps · C], make one.
  if (g === 1 && kh * kw > 1 && cg < thinChannels) {
    const dims = [o, kh * kw, cg];
    return e.reshape(moveAxis(e, e.reshape(product(e.concat(taps, 3)), dims), dims, 2, 1).name, [...kernelShape]);
  }
  taps.splice(0, taps.length, ...taps.map(product));
  const [only] = taps;
  if (taps.length === 1 && only !== undefined) return e.reshape(only, [o, cg, 1, 1]);
  const stacked = e.reshape(e.concat(taps, 0), [kh * kw, o * cg]);
  return e.reshape(e.emit('Transpose', [stacked], { perm: [1, 0] }), [...kernelShape]);
}
