// What a network costs, counted on its own graph: parameters, multiply-adds, memory.

import { convMultiplyAdds, isStatic, sizeOf, staticMap, type Tensor, topologicalOrder } from '../graph/index.js';
import { reachable } from './flat-parameters.js';
import type { Parameter, Scope } from './scope.js';

export interface Cost {
  /** Trainable values of everything the genotype describes, as the literature counts them. */
  readonly parameters: number;
  /** Of those, the ones that can reach the output. */
  readonly parametersInUse: number;
  /** Of convolutions, for one image. */
  readonly multiplyAdds: number;
  /** Float32 bytes of the weights in use, and of the largest set of maps alive at once in the order of execution. */
  readonly weightBytes: number;
  readonly activationBytes: number;
}

/** @param outputs of a network built in `scope` on inputs of known size, batch 1 */
export function costOf(scope: Scope, outputs: readonly Tensor[]): Cost {
  const weights = scope.parameters.filter(({ role }) => role === 'weight');
  const used = reachable(weights, outputs);
  const order = topologicalOrder(outputs);
  let multiplyAdds = 0;
  for (const { op, inputs, outputs: results } of order) {
    const [, w] = inputs;
    const [y] = results;
    if (op.kind !== 'conv2d' || !w || !y) continue;
    const [, , h, width] = staticMap(y.shape, 'cost');
    multiplyAdds += convMultiplyAdds(fullKernel(w), h, width);
  }
  return {
    parameters: count(weights),
    parametersInUse: count(used),
    multiplyAdds,
    weightBytes: 4 * count(used),
    activationBytes:
      4 *
      peakActivations(
        order.flatMap(({ op, inputs, outputs: results }) => (op.kind === 'parameter' ? [] : [{ inputs, results }])),
        outputs,
      ),
  };
}

function count(parameters: readonly Parameter[]): number {
  return parameters.reduce((n, { shape }) => n + sizeOf(shape), 0);
}

/** Taps that only meet padding are sliced off the kernel at this size; the usual count has them in. */
export function fullKernel(w: Tensor): readonly [number, number, number, number] {
  return staticMap(unsliced(w).shape, 'cost');
}

/** The parameter behind such a kernel. */
export function unsliced(w: Tensor): Tensor {
  let kernel = w;
  while (kernel.node.op.kind === 'slice' && kernel.node.inputs[0]) kernel = kernel.node.inputs[0];
  return kernel;
}

interface Step {
  readonly inputs: readonly Tensor[];
  readonly results: readonly Tensor[];
}

/** Values alive at once at most: a map is freed behind its last use. */
function peakActivations(steps: readonly Step[], outputs: readonly Tensor[]): number {
  const lastUse = new Map<Tensor, number>();
  steps.forEach(({ inputs }, i) => {
    for (const t of inputs) lastUse.set(t, i);
  });
  for (const t of outputs) lastUse.set(t, steps.length);
  const size = (t: Tensor): number => (isStatic(t.shape) && t.shape.length === 4 ? sizeOf(t.shape) : 0);
  const freed = new Map<number, number>();
  let alive = 0;
  let peak = 0;
  steps.forEach(({ results }, i) => {
    for (const t of results) {
      alive += size(t);
      const last = lastUse.get(t) ?? i;
      freed.set(last, (freed.get(last) ?? 0) + size(t));
    }
    peak = Math.max(peak, alive);
    alive -= freed.get(i) ?? 0;
  });
  return peak;
}
