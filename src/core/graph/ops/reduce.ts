// Sums over axes, and their transpose, repetition along axes: each one's gradient is the other.

import { formatShape, GraphError, staticShape, type Shape } from '../dim.js';
import { defineOp, type Tensor } from '../tensor.js';
import { reshape } from './shape.js';

/** y = Σ x over `axes`; dx = dy spread over them. @param axes non-negative. */
export function reduceSum(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  if (axes.some((a) => a < 0 || a >= x.shape.length))
    throw new GraphError(`reduceSum: no axis ${axes.join()} in a tensor of rank ${x.shape.length}`);
  const kept: Shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const y: Tensor = defineOp({
    op: { kind: 'reduceSum', axes, keepDims },
    inputs: [x],
    shape: keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i)),
    gradient: ([dy]) => {
      if (!dy) return [];
      return [expand(reshape(dy, staticShape(kept, 'reduceSum')), staticShape(x.shape, 'reduceSum'))];
    },
    lower: (e) => e.define(y, e.emit('ReduceSum', [e.plain(x), e.ints(axes)], { keepdims: keepDims ? 1 : 0 })),
  });
  return y;
}

/** Repeats axes of size 1; dx = the sum over them. */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  const before = staticShape(x.shape, 'expand');
  if (before.length !== shape.length) throw new GraphError(`expand: ${formatShape(before)} to ${formatShape(shape)}`);
  if (before.every((d, i) => d === shape[i])) return x;
  const repeated = before.flatMap((d, i) => (d === shape[i] ? [] : [i]));
  const y: Tensor = defineOp({
    op: { kind: 'expand' },
    inputs: [x],
    shape,
    gradient: ([dy]) => [dy && reduceSum(dy, repeated, true)],
    lower: (e) => e.define(y, e.emit('Expand', [e.plain(x), e.ints(shape)])),
  });
  return y;
}

/** The sum of all values, a scalar. */
export function sumAll(x: Tensor): Tensor {
  return reduceSum(
    x,
    x.shape.map((_, i) => i),
  );
}

/** The largest value along `axis`, kept as an axis of size 1; no gradient (used only to stabilise a softmax). */
export function reduceMax(x: Tensor, axis: number): Tensor {
  const y: Tensor = defineOp({
    op: { kind: 'reduceMax', axis },
    inputs: [x],
    shape: x.shape.map((d, i) => (i === axis ? 1 : d)),
    gradient: () => [],
    lower: (e) => e.define(y, e.emit('ReduceMax', [e.plain(x), e.ints([axis])], { keepdims: 1 })),
  });
  return y;
}
