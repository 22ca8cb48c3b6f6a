// What choices of a genotype are called; those of another version by their numbers.

import { cellOps } from '../../src/core/space/ops.js';

export function opName(op: number): string {
  return cellOps[op]?.name ?? `op ${op}`;
}

export function inputName(input: number): string {
  return input < 4 ? `tap ${input}` : `block ${input - 3}`;
}
