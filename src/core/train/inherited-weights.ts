// What an architecture may take of another's trained weights: those of the same op at the same place with the same shape (as E. Real et al. inherit
// in "Large-Scale Evolution of Image Classifiers", arXiv 1703.01041).

import type { Parameter } from '../nn/index.js';
import { type Architecture, type Genotype, isHandDesigned } from '../space/index.js';

export interface InheritedWeights {
  /** Whose they are. */
  readonly genotype: Genotype;
  /** By name, running statistics too. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** `decoder.cells.2.op_1._ops.5.…`: the cell's op number 5. */
const cellOp = /\._ops\.(\d+)\./;

/**
 * The values that `child` takes over. Ops of one kind with another dilation have weights of the same shape and are another op all the same.
 * @param parameters of the child, by which shapes are known
 */
export function inheritedValues(
  parameters: readonly Pick<Parameter, 'name' | 'shape'>[],
  child: Architecture,
  { genotype, weights }: InheritedWeights,
): Map<string, Float32Array> {
  if (isHandDesigned(child)) return new Map();
  const [own, theirs] = [cellOps(child), cellOps(genotype)];
  return new Map(
    parameters.flatMap(({ name, shape }) => {
      const values = weights.get(name);
      const place = Number(cellOp.exec(name)?.[1] ?? -1);
      const fits = values?.length === shape.reduce((n, d) => n * d, 1) && own.get(place) === theirs.get(place);
      return values && fits ? [[name, values]] : [];
    }),
  );
}

/** By the number that an op has in parameters' names: the first, then two and their sum a round. */
function cellOps({ cell }: Genotype): Map<number, number> {
  return new Map([
    [0, cell.first],
    ...cell.rounds.flatMap(({ ops: [one, other] }, r): [number, number][] => [
      [3 * r + 1, one],
      [3 * r + 2, other],
    ]),
  ]);
}
