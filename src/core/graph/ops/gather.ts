// Picking by index, written with one-hot masks: their gradient is a product, on every execution provider alike.

import { GraphError, staticShape } from '../dim.js';
import { defineOp, type Tensor } from '../tensor.js';
import { matmul } from './matmul.js';
import { mul } from './elementwise.js';
import { reduceSum } from './reduce.js';

/**
 * 1 where the label is the class, along a new axis 1: int32 [B, …] → [B, classes, …]. A label outside
 * 0 … classes − 1 (an ignored pixel) gives zeros for every class. No gradient.
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  if (labels.dtype !== 'int32') throw new GraphError(`oneHot: labels must be int32, not ${labels.dtype}`);
  const [batch = 0, ...rest] = labels.shape;
  const y: Tensor = defineOp({
    op: { kind: 'oneHot', classes },
    inputs: [labels],
    shape: [batch, classes, ...rest],
    gradient: () => [],
    lower: (e) => {
      const columns = e.emit('Unsqueeze', [e.plain(labels), e.ints([1])]);
      const range = e.emit(
        'Cast',
        [
          e.floats(
            Array.from({ length: classes }, (_, k) => k),
            [classes, ...rest.map(() => 1)],
          ),
        ],
        { to: 6 },
      );
      e.define(y, e.emit('Cast', [e.emit('Equal', [columns, range])], { to: 1 }));
    },
  });
  return y;
}

/** Rows of a table by index: table [N, D], indices int32 [B] → [B, D]; a wrong index gives zeros. */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  const [n = 0] = staticShape(table.shape, 'gatherRows');
  return matmul(oneHot(indices, n), table);
}

/** One value a row: x [B, N], indices int32 [B] → [B]. */
export function pickPerRow(x: Tensor, indices: Tensor): Tensor {
  const [, n = 0] = staticShape(x.shape, 'pickPerRow');
  return reduceSum(mul(x, oneHot(indices, n)), [1]);
}
