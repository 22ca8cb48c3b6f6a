// Zeros: what a `none` op gives, and the gradient of what nobody used.

import { isStatic } from '../dim.js';
import { defineOp, type Tensor } from '../tensor.js';

/** Zeros of x's shape, for instance of a `none` op: adding them costs nothing. */
export function zerosLike(x: Tensor): Tensor {
  const y: Tensor = defineOp({
    op: { kind: 'zeros' },
    // Open sizes are taken from x; known ones need nothing of it.
    inputs: isStatic(x.shape) ? [] : [x],
    shape: x.shape,
    lower: (e) => e.define(y, e.zeros(e.sizes(x.shape))),
    gradient: () => [],
  });
  return y;
}
