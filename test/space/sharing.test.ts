// Equal keys mean equal functions, once more with cells that are no convolutions but numbers: so small that every way to move the
// weights from one cell to the other can be tried.

import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/core/random/index.js';
import { type Cell, canonicalKey, cellOp, looseEnds, positionsBefore } from '../../src/core/space/index.js';

/** Two convolutions, which differ; a pool; skip; none. */
const ops = [0, 1, 4, 9, 10];

function randomCell(random: Random, rounds: number): Cell {
  const op = (): number => ops[random.integer(ops.length)] ?? 0;
  return {
    first: op(),
    rounds: Array.from({ length: rounds }, (_, r) => ({
      positions: [random.integer(positionsBefore(r)), random.integer(positionsBefore(r))],
      ops: [op(), op()],
    })),
  };
}

/** One decision another. */
function mutate({ first, rounds }: Cell, random: Random): Cell {
  const op = (): number => ops[random.integer(ops.length)] ?? 0;
  const which = random.integer(1 + 4 * rounds.length);
  const r = Math.floor((which - 1) / 4);
  return {
    first: which === 0 ? op() : first,
    rounds: rounds.map(({ positions: [i, j], ops: [a, b] }, k) => {
      const at = (slot: number): boolean => k === r && (which - 1) % 4 === slot;
      const position = (): number => random.integer(positionsBefore(k));
      return { positions: [at(0) ? position() : i, at(1) ? position() : j], ops: [at(2) ? op() : a, at(3) ? op() : b] };
    }),
  };
}

/** The cell as a function of one number. @param weights of each op in its order: every one a function of its own */
function outputOf(cell: Cell, x: number, weights: readonly number[]): number {
  const apply = (op: number, k: number, value: number): number => {
    const { kind, kernel } = cellOp(op);
    if (kind === 'skip') return value;
    if (kind === 'none') return 0;
    return Math.sin((weights[k] ?? 0) * value + kernel + (kind === 'pool' ? 10 : 0));
  };
  const pool = [x, apply(cell.first, 0, x)];
  cell.rounds.forEach(({ positions: [i, j], ops: [a, b] }, r) => {
    const [one, two] = [apply(a, 1 + 2 * r, pool[i] ?? 0), apply(b, 2 + 2 * r, pool[j] ?? 0)];
    pool.push(one, two, one + two);
  });
  return looseEnds(cell).reduce((sum, p) => sum + (pool[p] ?? 0), 0);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

const inputs = [-0.7, 0.4, 1.3];

/** Whether the cells are one function under some order of the weights. */
function sameFunction(a: Cell, b: Cell): boolean {
  const weights = Array.from({ length: 1 + 2 * a.rounds.length }, (_, i) => 1.1 + 0.37 * i + 0.05 * i * i);
  const wanted = inputs.map((x) => outputOf(a, x, weights));
  return permutations(weights).some((moved) => inputs.every((x, i) => Math.abs(outputOf(b, x, moved) - (wanted[i] ?? 0)) < 1e-9));
}

const keyOf = (cell: Cell): string => canonicalKey({ cell, connections: [[0, 1]] });

describe('the canonical key of a cell', () => {
  test.each([1, 2])('%i round(s): cells with one key are one function, and a mutation that makes another makes another key', (rounds) => {
    const random = seededRandom(rounds);
    const byKey = new Map<string, Cell>();
    let [pairs, others] = [0, 0];
    for (let n = 0; n < 1200; n++) {
      const cell = randomCell(random, rounds);
      const key = keyOf(cell);
      const known = byKey.get(key);
      if (known) {
        pairs++;
        expect(sameFunction(known, cell), `${JSON.stringify(known)} and ${JSON.stringify(cell)} have the key ${key}`).toBe(true);
      } else byKey.set(key, cell);
      if (n % 4 > 0) continue;
      const mutated = mutate(cell, random);
      if (sameFunction(cell, mutated)) continue;
      others++;
      expect(keyOf(mutated), `${JSON.stringify(cell)} and ${JSON.stringify(mutated)}`).not.toBe(key);
    }
    expect(pairs).toBeGreaterThan(100);
    expect(others).toBeGreaterThan(100);
  });

  test('one op used twice is not two ops of a kind', () => {
    const twice: Cell = { first: 1, rounds: [{ positions: [1, 1], ops: [9, 9] }] };
    const two: Cell = { first: 1, rounds: [{ positions: [0, 0], ops: [1, 10] }] };
    expect(sameFunction(twice, two)).toBe(false);
    expect(keyOf(twice)).not.toBe(keyOf(two));
    // Deeper: two convolutions of one convolution, and of two.
    const ofOne: Cell = { first: 0, rounds: [{ positions: [1, 1], ops: [1, 1] }] };
    const ofTwo: Cell = {
      first: 0,
      rounds: [
        { positions: [0, 1], ops: [0, 1] },
        { positions: [2, 0], ops: [1, 10] },
      ],
    };
    expect(keyOf(ofOne)).not.toBe(keyOf(ofTwo));
    // Which of two equal trees is used again is all one.
    const again = (p: number): Cell => ({
      first: 10,
      rounds: [
        { positions: [0, 0], ops: [1, 1] },
        { positions: [p, 0], ops: [0, 10] },
      ],
    });
    expect(keyOf(again(2))).toBe(keyOf(again(3)));
    expect(keyOf(again(2))).not.toBe(keyOf(again(4)));
  });
});
