// Reverse-mode differentiation: walk the graph from the loss to the parameters, multiplying by each op's Jacobian.

import { GraphError, sameShape } from './dim.js';
import { add } from './ops/elementwise.js';
import { leafOf, scalar, type Tensor, topologicalOrder } from './tensor.js';

/**
 * d loss / d w for every w in `wrt`, as tensors of the same shapes; undefined where the loss does not depend on w.
 * @param loss a scalar.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): (Tensor | undefined)[] {
  if (loss.shape.length !== 0) throw new GraphError('gradients: the loss must be a scalar');
  const order = topologicalOrder([loss]);
  // Only nodes between the parameters and the loss carry a gradient.
  const carries = new Set(wrt.map((t) => t.node));
  for (const node of order) if (node.inputs.some((t) => carries.has(t.node))) carries.add(node);

  const adjoint = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (const node of order.reverse()) {
    if (!carries.has(node) || leafOf(node)) continue;
    const incoming = node.outputs.map((t) => adjoint.get(t));
    if (incoming.every((g) => g === undefined)) continue;
    if (!node.gradient) throw new GraphError(`${node.op.kind} has no gradient`);
    const contributions = node.gradient(incoming);
    node.inputs.forEach((t, i) => {
      const contribution = contributions[i];
      if (!contribution || !carries.has(t.node)) return;
      if (!sameShape(contribution.shape, t.shape)) throw new GraphError(`${node.op.kind}: gradient of input ${i} has another shape`);
      const before = adjoint.get(t);
      adjoint.set(t, before ? add(before, contribution) : contribution);
    });
  }
  return wrt.map((t) => adjoint.get(t));
}
