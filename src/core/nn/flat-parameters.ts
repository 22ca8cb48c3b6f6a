// The parameters of a network as one flat vector: what the optimisers work on, and what is fed and fetched each step.

import { concat, reshape, split, type Tensor, topologicalOrder } from '../graph/index.js';
import type { Random } from '../random/index.js';
import type { Parameter } from './scope.js';

export class FlatLayout {
  readonly parameters: readonly Parameter[];
  readonly sizes: readonly number[];
  readonly length: number;

  constructor(parameters: readonly Parameter[]) {
    this.parameters = parameters;
    this.sizes = parameters.map(({ shape }) => shape.reduce((n, d) => n * d, 1));
    this.length = this.sizes.reduce((a, b) => a + b, 0);
  }

  /** What each parameter's tensor is a slice of, for `lowerGraph`'s bindings. */
  bind(vector: Tensor): Map<Tensor, Tensor> {
    const pieces = split(vector, this.sizes, 0);
    return new Map(
      this.parameters.map(({ tensor, shape }, i) => {
        const piece = pieces[i];
        if (!piece) throw new RangeError(`no slice for parameter ${i}`);
        return [tensor, reshape(piece, shape)];
      }),
    );
  }

  /** One vector from a tensor per parameter. */
  join(tensors: readonly Tensor[]): Tensor {
    return concat(
      tensors.map((t, i) => reshape(t, [this.sizes[i] ?? 0])),
      0,
    );
  }

  flatten(values: ReadonlyMap<string, Float32Array>): Float32Array {
    const vector = new Float32Array(this.length);
    let at = 0;
    this.parameters.forEach(({ name }, i) => {
      const value = values.get(name);
      if (!value || value.length !== this.sizes[i])
        throw new RangeError(`${name}: ${value?.length ?? 'no'} values, expected ${this.sizes[i]}`);
      vector.set(value, at);
      at += value.length;
    });
    return vector;
  }

  unflatten(vector: Float32Array): Map<string, Float32Array> {
    let at = 0;
    return new Map(
      this.parameters.map(({ name }, i) => {
        const start = at;
        at += this.sizes[i] ?? 0;
        return [name, vector.slice(start, at)];
      }),
    );
  }
}

/** Those parameters that the given outputs depend on. */
export function reachable(parameters: readonly Parameter[], outputs: readonly Tensor[]): Parameter[] {
  const nodes = new Set(topologicalOrder(outputs));
  return parameters.filter(({ tensor }) => nodes.has(tensor.node));
}

/** A fresh value per parameter. Each depends on the seed and its name only, not on which others there are. */
export function initialise(parameters: readonly Parameter[], random: Random): Map<string, Float32Array> {
  return new Map(
    parameters.map(({ name, shape, initialiser }) => {
      const values = new Float32Array(shape.reduce((n, d) => n * d, 1));
      if (initialiser.kind === 'constant') values.fill(initialiser.value);
      else {
        const own = random.fork(name);
        for (let i = 0; i < values.length; i++) values[i] = (2 * own.next() - 1) * initialiser.bound;
      }
      return [name, values];
    }),
  );
}
