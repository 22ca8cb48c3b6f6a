// The weight gradient of a convolution: dw[o, c, k] = Σ_{b, i} dy[b, o, i] · x[b, c, i·s + k·d − p].
//
// It reduces over all pixels of all images and yields a few thousand numbers, so no forward kernel fits as it is:
// - depthwise: a depthwise convolution in which dy is the kernel and stride and dilation swap roles;
// - otherwise: one matrix product per tap, dy [O, pixels] · shifted x [pixels, C].

import { GraphError, staticMap } from '../dim.js';
import type { Emitter } from '../onnx/emitter.js';
import type { Tensor } from '../tensor.js';
import { blockedConv, type ConvGeometry, type Pads } from './conv2d.js';

type KernelShape = readonly [number, number, number, number];

export function lowerWeightGradient(e: Emitter, x: Tensor, dy: Tensor, geometry: ConvGeometry, kernelShape: KernelShape): string {
  const { groups, pads } = geometry;
  if (pads === 'tf-same') throw new GraphError('conv2d: padding of an open size has no gradient');
  const [, c, h, w] = staticMap(x.shape, 'gradient of conv2d');
  const [o] = kernelShape;
  if (groups === c && o === c) return depthwise(e, x, dy, geometry, pads, kernelShape, e.blockSize > 0 && h * w > 1);
  return perTap(e, x, dy, geometry, pads, kernelShape);
}

/** Each image's channel is a group of its own: x as [1, B·C, H, W], dy as the kernels [B·C, 1, h, w]. */
function depthwise(
  e: Emitter,
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
    return crop(e, perChannel, [c, 1, kh, kw], [channels, 1, ...full]);
  }
  const y = e.emit('Conv', [image, kernel], { ...attributes, group: b * channels });
  const sum = e.emit('ReduceSum', [e.reshape(y, [b, c, 1, full[0], full[1]]), e.ints([0])], { keepdims: 0 });
  return crop(e, sum, [c, 1, kh, kw], [c, 1, ...full]);
}

function crop(e: Emitter, name: string, wanted: readonly number[], from: readonly number[]): string {
  if (wanted.every((d, i) => d === from[i])) return name;
  return e.emit('Slice', [name, e.ints(wanted.map(() => 0)), e.ints(wanted), e.ints(wanted.map((_, i) => i))]);
}

/** dw at tap k = Σ_b dy_b [O, pixels] · (x_b shifted by k) [pixels, C]. */
function perTap(e: Emitter, x: Tensor, dy: Tensor, geometry: ConvGeometry, pads: Pads, kernelShape: KernelShape): string {
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
      const products = e.emit('MatMul', [pixelsLast, shifted]);
      taps.push(e.emit('ReduceSum', [products, e.ints([0])], { keepdims: 0 }));
    }
  const [only] = taps;
  if (taps.length === 1 && only !== undefined) return e.reshape(only, [o, cg, 1, 1]);
  const stacked = e.reshape(e.emit('Concat', taps, { axis: 0 }), [kh * kw, o * cg]);
  return e.reshape(e.emit('Transpose', [stacked], { perm: [1, 0] }), [...kernelShape]);
}

/** `count` entries of an axis from `start` in steps of `step`. */
function sliceAxis(e: Emitter, name: string, axis: number, start: number, step: number, count: number, size: number): string {
  if (start === 0 && step === 1 && count === size) return name;
  return e.emit('Slice', [name, e.ints([start]), e.ints([start + (count - 1) * step + 1]), e.ints([axis]), e.ints([step])]);
}
