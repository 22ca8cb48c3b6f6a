// Ops that move values without changing them: each one's gradient is another of them.

import { axisOf, formatShape, GraphError, sameDim, sizeOf, type Shape, staticShape } from '../dim.js';
import { defineNode, defineOp, outputOf, type Tensor } from '../tensor.js';
import { zerosLike } from './zeros.js';

/** The same values under another shape of known sizes. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const before = staticShape(x.shape, 'reshape');
  if (sizeOf(before) !== sizeOf(shape))
    throw new GraphError(`reshape: ${formatShape(before)} has not as many values as ${formatShape(shape)}`);
  if (before.length === shape.length && before.every((d, i) => d === shape[i])) return x;
  const y: Tensor = defineOp({
    op: { kind: 'reshape' },
    inputs: [x],
    shape,
    dtype: x.dtype,
    gradient: ([dy]) => [dy && reshape(dy, before)],
    lower: (e) => e.define(y, e.reshape(e.plain(x), shape)),
  });
  return y;
}

/** y[i₀…] = x[…] with axes in the order `perm`; dx = the inverse permutation of dy. */
export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const before = staticShape(x.shape, 'transpose');
  const y: Tensor = defineOp({
    op: { kind: 'transpose', perm },
    inputs: [x],
    shape: perm.map((p) => axisOf(before, p)),
    gradient: ([dy]) => [
      dy &&
        transpose(
          dy,
          perm.map((_, i) => perm.indexOf(i)),
        ),
    ],
    lower: (e) => e.define(y, e.emit('Transpose', [e.plain(x)], { perm: [...perm] })),
  });
  return y;
}

/** Tensors one behind the other along `axis`; the gradient is cut up again. */
export function concat(xs: readonly Tensor[], axis: number): Tensor {
  const [first] = xs;
  if (!first) throw new GraphError('concat: nothing to put together');
  if (xs.length === 1) return first;
  for (const x of xs)
    if (x.shape.length !== first.shape.length || x.shape.some((d, i) => i !== axis && !sameDim(d, first.shape[i] ?? -1)))
      throw new GraphError(`concat: ${formatShape(first.shape)} and ${formatShape(x.shape)} differ beside axis ${axis}`);
  const sizes = xs.map((x) => x.shape[axis]).map((d) => (typeof d === 'number' ? d : Number.NaN));
  const shape: Shape = first.shape.map((d, i) => (i === axis ? sizes.reduce((a, b) => a + b, 0) : d));
  const y: Tensor = defineOp({
    op: { kind: 'concat', axis },
    inputs: xs,
    shape,
    gradient: ([dy]) => (dy ? split(dy, sizes, axis) : []),
    lower: (e) => {
      const blocked = axis === 1 && xs.every((x, i) => keepsBlocks(e.blockSize, x.shape, sizes[i]) && e.layoutOf(x) === 'blocked');
      const names = xs.map((x) => (blocked ? e.blocked(x) : e.plain(x)));
      e.define(y, e.concat(names, axis), blocked ? 'blocked' : 'plain');
    },
  });
  return y;
}

function keepsBlocks(blockSize: number, shape: Shape, channels: number | undefined): boolean {
  return blockSize > 0 && shape.length === 4 && channels !== undefined && channels % blockSize === 0;
}

/** Cuts along `axis` into pieces of the given sizes; the gradient puts them together, with zeros where none comes. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  if (sizes.reduce((a, b) => a + b, 0) !== x.shape[axis])
    throw new GraphError(`split: sizes ${sizes.join('+')} do not make up axis ${axis} of ${formatShape(x.shape)}`);
  const node = defineNode({
    op: { kind: 'split', sizes, axis },
    inputs: [x],
    shapes: sizes.map((n) => x.shape.map((d, i) => (i === axis ? n : d))),
    gradient: (dys) => [
      concat(
        dys.map((dy, i) => dy ?? zerosLike(outputOf(node, i))),
        axis,
      ),
    ],
    lower: (e, outputs) => {
      const blocked = axis === 1 && sizes.every((n) => keepsBlocks(e.blockSize, x.shape, n)) && e.layoutOf(x) === 'blocked';
      const names = e.split(blocked ? e.blocked(x) : e.plain(x), sizes, axis);
      outputs.forEach((t, i) => {
        const name = names[i];
        if (name !== undefined) e.define(t, name, blocked ? 'blocked' : 'plain');
      });
    },
  });
  return node.outputs;
}

/** x[…, start:end, …] along `axis`; dx = dy with zeros around it. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const size = axisOf(staticShape(x.shape, 'slice'), axis);
  if (start < 0 || end > size || start >= end) throw new GraphError(`slice: ${start}:${end} of an axis of ${size}`);
  if (start === 0 && end === size) return x;
  const y: Tensor = defineOp({
    op: { kind: 'slice', axis, start, end },
    inputs: [x],
    shape: x.shape.map((d, i) => (i === axis ? end - start : d)),
    gradient: ([dy]) => [dy && padAxis(dy, axis, start, size - end)],
    lower: (e) => e.define(y, e.emit('Slice', [e.plain(x), e.ints([start]), e.ints([end]), e.ints([axis])])),
  });
  return y;
}

/** Zeros before and behind along `axis`; dx = the middle of dy. */
export function padAxis(x: Tensor, axis: number, before: number, behind: number): Tensor {
  const shape = staticShape(x.shape, 'padAxis');
  const size = axisOf(shape, axis);
  const y: Tensor = defineOp({
    op: { kind: 'pad', axis, before, behind },
    inputs: [x],
    shape: shape.map((d, i) => (i === axis ? d + before + behind : d)),
    gradient: ([dy]) => [dy && slice(dy, axis, before, before + size)],
    lower: (e) => {
      const pads = [...shape.map((_, i) => (i === axis ? before : 0)), ...shape.map((_, i) => (i === axis ? behind : 0))];
      e.define(y, e.emit('Pad', [e.plain(x), e.ints(pads)]));
    },
  });
  return y;
}
