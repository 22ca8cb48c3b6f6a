// Resizing of maps: bilinear with half-pixel centres (align_corners = false) or with the corners on one another
// (align_corners = true), and by nearest pixel, each as torch.nn.functional.interpolate does it.
//
// All are separable and linear: Y = R_h · X · R_wᵀ with interpolation matrices R, hence dX = R_hᵀ · dY · R_w.

import { axisOf, type Dim, isStatic, mapShape, sameDim, type Shape, staticMap } from '../dim.js';
import type { Lowering } from '../lowering.js';
import type { ResizeMode } from '../op.js';
import { defineOp, type Tensor } from '../tensor.js';

/** Where pixel i of `to` lies among `from` pixels. */
const positions: Readonly<Record<ResizeMode, (i: number, from: number, to: number) => number>> = {
  bilinear: (i, from, to) => Math.max(0, ((i + 0.5) * from) / to - 0.5),
  aligned: (i, from, to) => (to === 1 ? 0 : (i * (from - 1)) / (to - 1)),
  // ⌊i · from / to⌋
  nearest: (i, from, to) => Math.floor((i * from) / to),
};

/** How ONNX names them. Sizes of neighbouring taps are 2n and 2n − 1, where its division in single precision rounds as ours does. */
const attributesOf: Readonly<Record<ResizeMode, Readonly<Record<string, string>>>> = {
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  aligned: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
};

/** The rows of R: out × in weights, two non-zero ones a row at most. */
function resizeMatrix(mode: ResizeMode, from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const position = positions[mode](i, from, to);
    const low = Math.min(Math.floor(position), from - 1);
    const high = Math.min(low + 1, from - 1);
    const t = position - low;
    matrix[i * from + low] = (matrix[i * from + low] ?? 0) + 1 - t;
    matrix[i * from + high] = (matrix[i * from + high] ?? 0) + t;
  }
  return matrix;
}

/** x resized bilinearly to height h and width w. @param like whose open sizes (of deployed models) these are */
export function resizeBilinear(x: Tensor, h: Dim, w: Dim, like?: Tensor): Tensor {
  return resizeMap('bilinear', x, h, w, like);
}

/** The same with the corner pixels' centres on one another. */
export function resizeAligned(x: Tensor, h: Dim, w: Dim, like?: Tensor): Tensor {
  return resizeMap('aligned', x, h, w, like);
}

/** x at height h and width w, every pixel the one at ⌊i · before / after⌋. */
export function resizeNearest(x: Tensor, h: Dim, w: Dim, like?: Tensor): Tensor {
  return resizeMap('nearest', x, h, w, like);
}

function resizeMap(mode: ResizeMode, x: Tensor, h: Dim, w: Dim, like: Tensor | undefined): Tensor {
  const [b, c, xh, xw] = mapShape(x.shape, 'resize');
  if (sameDim(xh, h) && sameDim(xw, w)) return x;
  const y: Tensor = defineOp({
    op: { kind: 'resize', mode },
    keepsZero: true,
    inputs: like ? [x, like] : [x],
    shape: [b, c, h, w],
    gradient: ([dy]) => [dy && resizeGradient(mode, dy, x)],
    lower: (e) => {
      if (isStatic(y.shape) && isStatic(x.shape) && e.blockSize > 0) return lowerSeparable(mode, e, y, x, false);
      const doubled = e.opset < 13 && mode === 'nearest' ? lowerDoubling(e, y, x) : undefined;
      e.define(y, doubled ?? emitResize(e, e.plain(x), y.shape, attributesOf[mode]));
    },
  });
  return y;
}

function emitResize(e: Lowering, x: string, shape: Shape, attributes: Readonly<Record<string, string>>): string {
  // Up to version 12 a region and scales have their places, if only empty ones.
  const unused = e.opset < 13 ? [e.noFloats(), e.noFloats()] : ['', ''];
  // All four sizes: ONNX Runtime's layout transformation fails on a Resize of named axes.
  return e.emit('Resize', [x, ...unused, e.sizes(shape)], attributes);
}

/**
 * Nearest pixels at 2n or 2n − 1, where ⌊i · n / (2n − 1)⌋ = ⌊i / 2⌋ too: all twice, and the last one off. OpenCV's importer rounds where the standard
 * says `floor`, and agrees on doubled sizes by pixel centres. Undefined where the sizes are others.
 */
function lowerDoubling(e: Lowering, y: Tensor, x: Tensor): string | undefined {
  if (!isStatic(y.shape) || !isStatic(x.shape)) return undefined;
  const [b, c, h, w] = staticMap(x.shape, 'resize');
  const [, , toHeight, toWidth] = staticMap(y.shape, 'resize');
  const twice = [2 * h, 2 * w] as const;
  if (![0, 1].includes(twice[0] - toHeight) || ![0, 1].includes(twice[1] - toWidth)) return undefined;
  const centres = { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_floor' };
  const doubled = emitResize(e, e.plain(x), [b, c, ...twice], centres);
  if (twice[0] === toHeight && twice[1] === toWidth) return doubled;
  return e.emit('Slice', [doubled, e.ints([0, 0]), e.ints([toHeight, toWidth]), e.ints([2, 3])]);
}

/** The transpose of resizing: dy [B, C, h, w] → [B, C, H, W] of x. */
function resizeGradient(mode: ResizeMode, dy: Tensor, x: Tensor): Tensor {
  const dx: Tensor = defineOp({
    op: { kind: 'resizeGradient', mode },
    keepsZero: true,
    inputs: [dy],
    shape: x.shape,
    lower: (e) => lowerSeparable(mode, e, dx, dy, true),
  });
  return dx;
}

/** to = A_h · from · A_wᵀ, where A is R, or Rᵀ when `transposed`, as two matrix products. */
function lowerSeparable(mode: ResizeMode, e: Lowering, to: Tensor, from: Tensor, transposed: boolean): void {
  const fromShape = staticMap(from.shape, 'resize');
  const [, c, h, w] = staticMap(to.shape, 'resize');
  const [b, , fh, fw] = fromShape;
  const factor = (f: number, t: number): Float32Array =>
    transposed ? transposeMatrix(resizeMatrix(mode, t, f), f, t) : resizeMatrix(mode, f, t);
  const rows = e.floats(factor(fh, h), [h, fh]);
  if (e.blockSize > 0 && axisOf(fromShape, 2) * axisOf(fromShape, 3) > 1 && h * w > 1) {
    const n = e.blockSize;
    const groups = (b * e.paddedChannels(c)) / n;
    // The smaller intermediate: shrink first, grow last.
    const byRows = (name: string, width: number): string => e.emit('MatMul', [rows, e.reshape(name, [groups, fh, width * n])]);
    const byColumns = (name: string, height: number): string =>
      e.emit('MatMul', [e.floats(factor(fw, w), [w, fw]), e.reshape(name, [groups * height, fw, n])]);
    const result = h > fh ? byRows(byColumns(e.blocked(from), fh), w) : byColumns(byRows(e.blocked(from), fw), h);
    e.define(to, e.reshape(result, [b, e.paddedChannels(c), h, w]), 'blocked');
  } else {
    const columns = e.floats(transposeMatrix(factor(fw, w), w, fw), [fw, w]);
    e.define(to, e.emit('MatMul', [e.emit('MatMul', [rows, e.plain(from)]), columns]));
  }
}

function transposeMatrix(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) result[k * rows + r] = matrix[r * columns + k] ?? 0;
  return result;
}
