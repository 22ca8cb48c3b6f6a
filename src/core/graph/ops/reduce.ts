// Sums and means over axes.

import { axisOf, GraphError, staticShape, type Shape } from '../dim.js';
import { defineOp, scalar, type Tensor } from '../tensor.js';
import { expand, reshape } from './shape.js';
import { mul } from './elementwise.js';

/** y = Σ x over `axes`; dx = dy spread over them. @param axes non-negative. */
export function reduceSum(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  if (axes.some((a) => a < 0 || a >= x.shape.length))
    throw new GraphError(`reduceSum: no axis ${axes.join()} in a tensor of rank ${x.shape.length}`);
  const kept: Shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const y: Tensor = defineOp({
    op: 'reduceSum',
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

/** The sum of all values, a scalar. */
export function sumAll(x: Tensor): Tensor {
  return reduceSum(
    x,
    x.shape.map((_, i) => i),
  );
}

/** The mean over `axes`. */
export function reduceMean(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  const shape = staticShape(x.shape, 'reduceMean');
  const count = axes.reduce((n, a) => n * axisOf(shape, a), 1);
  return mul(reduceSum(x, axes, keepDims), scalar(1 / count));
}

/** The largest value along `axis`, kept as an axis of size 1; no gradient (used only to stabilise a softmax). */
export function reduceMax(x: Tensor, axis: number): Tensor {
  const y: Tensor = defineOp({
    op: 'reduceMax',
    inputs: [x],
    shape: x.shape.map((d, i) => (i === axis ? 1 : d)),
    gradient: () => [],
    lower: (e) => e.define(y, e.emit('ReduceMax', [e.plain(x), e.ints([axis])], { keepdims: 1 })),
  });
  return y;
}
