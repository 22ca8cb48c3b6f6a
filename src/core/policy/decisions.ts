// A genotype as the sequence of decisions by which a controller writes it (method, section 2): for each block two
// indices; then the cell: its first op; per round two positions, two ops.

import type { Random } from '../random/index.js';
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

/** Every decision uniform. */
export function drawChoices(decisions: readonly Decision[], random: Random): number[] {
  return decisions.map(({ choices }) => random.integer(choices));
}

/** One of the other choices, uniform. @pre there are two at least */
export function anotherChoice(choice: number, { choices }: Decision, random: Random): number {
  const other = random.integer(choices - 1);
  return other < choice ? other : other + 1;
}

/** The decisions that leave a choice, by index: a cell's first round has one position only. */
export function freeDecisions(decisions: readonly Decision[]): number[] {
  return decisions.flatMap(({ choices }, d) => (choices > 1 ? [d] : []));
}

/** One free decision changed, which and to what uniform. */
export function mutatedChoices(choices: readonly number[], decisions: readonly Decision[], random: Random): number[] {
  const free = freeDecisions(decisions);
  const mutated = free[random.integer(free.length)] ?? 0;
  return decisions.map((decision, d) => (d === mutated ? anotherChoice(choices[d] ?? 0, decision, random) : (choices[d] ?? 0)));
}

/** All that differ from these choices in one decision. */
export function neighboursOf(choices: readonly number[], decisions: readonly Decision[]): number[][] {
  return decisions.flatMap((decision, d) =>
    Array.from({ length: decision.choices }, (_, choice) => choice)
      .filter((choice) => choice !== choices[d])
      .map((choice) => choices.toSpliced(d, 1, choice)),
  );
}
