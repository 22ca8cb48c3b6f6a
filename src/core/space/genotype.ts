// The genotype: which connections the decoder has and what its cell looks like (paper, section 3.1).
//
// Written `[cell, connections]` as in the authors' release: cell = [first op, [pos_a, pos_b, op_a, op_b], …],
// connections = [[i, j], …] into the pool of the four taps and the blocks before.

import { UserError } from '../errors/index.js';
import { cellOps } from './ops.js';

export interface Round {
  readonly positions: readonly [number, number];
  readonly ops: readonly [number, number];
}

export interface Cell {
  readonly first: number;
  readonly rounds: readonly Round[];
}

export interface Genotype {
  readonly cell: Cell;
  readonly connections: readonly (readonly [number, number])[];
}

/** Encoder outputs that the pool starts with. */
export const tapCount = 4;

/** The paper has 3 of each; a file that asks for thousands asks for a network that nobody can build. */
const most = { rounds: 64, blocks: 64, characters: 20_000 };

export class GenotypeError extends UserError {
  override readonly name = 'GenotypeError';
}

export const publishedGenotypes = {
  arch0: '[[8, [0,0,5,2], [0,2,8,8], [0,5,1,4]], [[3,3],[3,2],[3,0]]]',
  arch1: '[[2, [1,0,3,6], [0,1,2,8], [2,0,6,1]], [[2,3],[3,1],[4,4]]]',
  arch2: '[[5, [0,0,4,1], [3,2,0,1], [5,6,5,0]], [[1,3],[4,3],[2,2]]]',
} as const;

/** As JSON; undefined where no published one has the name. */
export function publishedGenotype(name: string): string | undefined {
  return Object.entries(publishedGenotypes).find(([known]) => known === name)?.[1];
}

/** Positions that round `round` (0-based) of a cell chooses from. */
export function positionsBefore(round: number): number {
  return 2 + 3 * round;
}

/**
 * Reads a genotype from its JSON text.
 * @throws GenotypeError that names the number in the way and what it may be.
 */
export function parseGenotype(text: string): Genotype {
  if (text.length > most.characters)
    throw new GenotypeError(`a genotype of ${text.length} characters; at most ${most.characters} are read`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GenotypeError(
      `genotype is not JSON: ${shorten(text)} (expected [cell, connections], for example ${publishedGenotypes.arch0})`,
    );
  }
  return genotypeFromJson(json);
}

export function genotypeFromJson(json: unknown): Genotype {
  const [cell, connections, ...more] = list(json, 'the genotype', '[cell, connections]');
  if (more.length > 0) throw new GenotypeError(`the genotype has ${more.length + 2} parts; it is [cell, connections]`);
  const [first, ...rounds] = list(cell, 'the cell', '[first op, [pos_a, pos_b, op_a, op_b], …]');
  const pairs = list(connections, 'the connections', '[[i, j], …]');
  if (pairs.length === 0) throw new GenotypeError('the connections are empty: at least one block is needed');
  if (rounds.length > most.rounds) throw new GenotypeError(`the cell has ${rounds.length} rounds; it may have ${most.rounds}`);
  if (pairs.length > most.blocks) throw new GenotypeError(`the connections have ${pairs.length} blocks; there may be ${most.blocks}`);
  return {
    cell: {
      first: index(first, cellOps.length, "the cell's first op"),
      rounds: rounds.map((round, r) => {
        const where = `round ${r + 1} of the cell`;
        const [a, b, opA, opB] = list(round, where, '[pos_a, pos_b, op_a, op_b]', 4);
        const positions = positionsBefore(r);
        return {
          positions: [index(a, positions, `position a in ${where}`), index(b, positions, `position b in ${where}`)],
          ops: [index(opA, cellOps.length, `op a in ${where}`), index(opB, cellOps.length, `op b in ${where}`)],
        };
      }),
    },
    connections: pairs.map((pair, b) => {
      const where = `block ${b + 1} of the connections`;
      const [i, j] = list(pair, where, '[i, j]', 2);
      return [index(i, tapCount + b, `the first input of ${where}`), index(j, tapCount + b, `the second input of ${where}`)];
    }),
  };
}

function list(json: unknown, what: string, form: string, length?: number): readonly unknown[] {
  if (!Array.isArray(json)) throw new GenotypeError(`${what} must be a list ${form}, got ${shown(json)}`);
  if (length !== undefined && json.length !== length)
    throw new GenotypeError(`${what} must have ${length} numbers ${form}, got ${json.length}: ${shown(json)}`);
  return json;
}

function index(json: unknown, count: number, what: string): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 0 || json >= count)
    throw new GenotypeError(`${what} is ${json === undefined ? 'missing' : shown(json)}; it must be a whole number from 0 to ${count - 1}`);
  return json;
}

/** What stands there, in a few words. Lists within lists within lists have no text: the writer of JSON calls itself. */
function shown(json: unknown): string {
  try {
    return shorten(JSON.stringify(json) ?? 'nothing');
  } catch {
    return 'lists nested without end';
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The nested lists of a genotype, as the authors write it. */
export function genotypeToJson({
  cell,
  connections,
}: Genotype): readonly [readonly (number | readonly number[])[], readonly (readonly number[])[]] {
  return [[cell.first, ...cell.rounds.map(({ positions, ops }) => [...positions, ...ops])], connections.map((pair) => [...pair])];
}

export function formatGenotype(genotype: Genotype): string {
  return JSON.stringify(genotypeToJson(genotype));
}

/**
 * The positions whose values a cell adds up to its output: the first op's result and the rounds' sums that no pick
 * used as its input.
 */
export function looseEnds(cell: Cell): number[] {
  const used = new Set(cell.rounds.flatMap((round) => round.positions));
  return [1, ...cell.rounds.map((_, r) => positionsBefore(r) + 2)].filter((p) => !used.has(p));
}

/** The blocks (0-based) whose outputs no later block used: they make up the head's input. */
export function outputBlocks({ connections }: Genotype): number[] {
  const used = new Set(connections.flat());
  return connections.map((_, b) => b).filter((b) => !used.has(tapCount + b));
}
