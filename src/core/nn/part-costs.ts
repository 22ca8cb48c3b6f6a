// What each part of a network costs, and the map that it makes: read off the network's own graph by the names of its
// parameters.

import { convMultiplyAdds, input, sizeOf, staticMap, topologicalOrder } from '../graph/index.js';
import type { Genotype } from '../space/index.js';
import { buildNetwork, torchEncoder } from './network.js';
import { fullKernel, unsliced } from './cost.js';
import { Scope } from './scope.js';

export interface PartCost {
  /** The last map that a convolution in it makes, [C, H, W]; undefined in a part without one. */
  readonly shape: readonly number[] | undefined;
  /** Trainable values. */
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export interface PartCostOptions {
  readonly genotype: Genotype;
  readonly outputs: number;
  readonly width: number;
  readonly sepRepeats: number;
  /** [height, width] */
  readonly inputSize: readonly [number, number];
}

/**
 * The cost of everything whose parameters' names begin with a prefix, as in `encoder.`, `decoder.adapt1.`,
 * `decoder.cells.0.op_1._ops.0.` (the first op of block 1's first cell).
 */
export function partCosts({ genotype, outputs, width, sepRepeats, inputSize }: PartCostOptions): (prefix: string) => PartCost {
  const scope = Scope.root('inference');
  const image = input('image', [1, 3, ...inputSize]);
  const { logits } = buildNetwork(scope, image, { genotype, encoder: torchEncoder, decoder: { outputs, width, sepRepeats } });
  const names = new Map(scope.parameters.map(({ tensor, name }) => [tensor, name]));
  const convolutions = topologicalOrder([logits]).flatMap(({ op, inputs, outputs: [y] }) => {
    const [, weight] = inputs;
    const name = weight && names.get(unsliced(weight));
    return op.kind === 'conv2d' && weight && y && name !== undefined ? [{ name, weight, y }] : [];
  });
  return (prefix) => {
    const inside = convolutions.filter(({ name }) => name.startsWith(prefix));
    const last = inside.at(-1);
    const weights = scope.parameters.filter(({ role, name }) => role === 'weight' && name.startsWith(prefix));
    return {
      shape: last && staticMap(last.y.shape, 'cost').slice(1),
      parameters: weights.reduce((n, { shape }) => n + sizeOf(shape), 0),
      multiplyAdds: inside.reduce((n, { weight, y }) => {
        const [, , h, w] = staticMap(y.shape, 'cost');
        return n + convMultiplyAdds(fullKernel(weight), h, w);
      }, 0),
    };
  };
}
