// A genotype as the sequence of decisions by which a controller writes it (method, section 2): for each block two
// indices; then the cell: its first op; per round two positions, two ops.

import { cellOps, type Genotype, genotypeFromJson, positionsBefore, tapCount } from '../space/index.js';
import type { SpaceSize } from './policy.js';

export interface Decision {
  /** Number of choices. */
  readonly choices: number;
  /** The linear head that takes it: indices and positions have one each, ops share one. */
  readonly head: string;
}

export function decisionsOf({ blocks, rounds }: SpaceSize): Decision[] {
  const op: Decision = { choices: cellOps.length, head: 'op' };
  const pair = (choices: number, head: string): Decision[] => [0, 1].map((slot) => ({ choices, head: `${head}.${slot}` }));
  return [
    ...Array.from({ length: blocks }, (_, b) => pair(tapCount + b, `connection.${b}`)).flat(),
    op,
    ...Array.from({ length: rounds }, (_, r) => [...pair(positionsBefore(r), `position.${r}`), op, op]).flat(),
  ];
}

export function genotypeFromChoices(choices: readonly number[], { blocks, rounds }: SpaceSize): Genotype {
  const connections = Array.from({ length: blocks }, (_, b) => choices.slice(2 * b, 2 * b + 2));
  const cell = choices.slice(2 * blocks);
  return genotypeFromJson([[cell[0], ...Array.from({ length: rounds }, (_, r) => cell.slice(1 + 4 * r, 5 + 4 * r))], connections]);
}

export function choicesOf({ cell, connections }: Genotype): number[] {
  return [...connections.flat(), cell.first, ...cell.rounds.flatMap(({ positions, ops }) => [...positions, ...ops])];
}
