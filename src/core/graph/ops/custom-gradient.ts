// A value computed by ordinary ops whose gradient is given in closed form, because that is cheaper or safer than
// differentiating op by op.

import { defineOp, type Tensor } from '../tensor.js';

/** `value` as a function of `inputs`; `gradient` gives theirs from that of the value. */
export function withGradient(
  kind: 'logSoftmax' | 'softmax' | 'softmaxCrossEntropy' | 'berHu',
  value: Tensor,
  inputs: readonly Tensor[],
  gradient: (dy: Tensor) => readonly (Tensor | undefined)[],
): Tensor {
  const y: Tensor = defineOp({
    op: { kind },
    // The value comes last and gets no gradient of its own.
    inputs: [...inputs, value],
    keepsZero: value.node.keepsZero === true,
    shape: value.shape,
    gradient: ([dy]) => (dy ? gradient(dy) : []),
    lower: (e) => {
      const layout = e.layoutOf(value);
      e.define(y, layout === 'blocked' ? e.blocked(value) : e.plain(value), layout);
    },
  });
  return y;
}
