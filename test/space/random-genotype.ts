// Genotypes for the tests: uniform over the space.

import type { Random } from '../../src/core/random/index.js';
import { cellOps, type Genotype, genotypeFromJson, positionsBefore, tapCount } from '../../src/core/space/index.js';

export function randomGenotype(random: Random, blocks = 3, rounds = 3): Genotype {
  const op = (): number => random.integer(cellOps.length);
  return genotypeFromJson([
    [
      op(),
      ...Array.from({ length: rounds }, (_, r) => [random.integer(positionsBefore(r)), random.integer(positionsBefore(r)), op(), op()]),
    ],
    Array.from({ length: blocks }, (_, b) => [random.integer(tapCount + b), random.integer(tapCount + b)]),
  ]);
}
