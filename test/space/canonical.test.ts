import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import { canonicalKey, type Genotype, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { randomGenotype } from './random-genotype.js';

const key = (text: string): string => canonicalKey(parseGenotype(text));

/** The same sums with their two terms exchanged: positions of later picks move along. */
function swapRound({ cell, connections }: Genotype, which: number): Genotype {
  const base = 2 + 3 * which;
  const moved = (p: number): number => (p === base ? base + 1 : p === base + 1 ? base : p);
  return {
    cell: {
      first: cell.first,
      rounds: cell.rounds.map(({ positions: [i, j], ops: [a, b] }, r) =>
        r === which ? { positions: [j, i], ops: [b, a] } : { positions: [moved(i), moved(j)], ops: [a, b] },
      ),
    },
    connections,
  };
}

describe('the canonical key', () => {
  test('does not depend on the order of the two inputs of a sum', () => {
    for (let seed = 0; seed < 200; seed++) {
      const genotype = randomGenotype(seededRandom(seed));
      for (let r = 0; r < 3; r++) expect(canonicalKey(swapRound(genotype, r))).toBe(canonicalKey(genotype));
      const swapped = { ...genotype, connections: genotype.connections.map(([i, j]) => [j, i] as const) };
      expect(canonicalKey(swapped)).toBe(canonicalKey(genotype));
    }
  });

  test('does not depend on what cannot reach the output', () => {
    // Round 2 uses the sum of round 1 (position 4) through `none`: whatever round 1 was, it is gone.
    expect(key('[[0, [0,0,1,1], [4,0,10,3]], [[0,1]]]')).toBe(key('[[0, [0,0,5,7], [4,0,10,3]], [[0,1]]]'));
    // Skip connections change nothing.
    expect(key('[[9, [0,0,1,2], [0,4,9,9]], [[0,1]]]')).toBe(key('[[9, [0,0,2,1], [4,0,9,9]], [[0,1]]]'));
  });

  test('as it is written: depth first, each term numbered at its first mention', () => {
    expect(key('[[0], [[1,0]]]')).toBe('[conv1x1([x()])] | [block([tap0()][tap1()])]');
    // conv1x1 twice: #1 the second time. The cell's terms are in the order of their trees.
    expect(key('[[0, [1,1,9,4]], [[0,0],[4,0]]]')).toBe(
      '[conv1x1([x()])global_average_pool([#0 ])] | [block([block([tap0()][#2 ])][#2 ])]',
    );
    expect(key('[[10], [[0,3]]]')).toBe('[] | [block([tap0()][tap3()])]');
  });

  test('tells different networks apart', () => {
    const keys = Object.values(publishedGenotypes).map(key);
    expect(new Set(keys).size).toBe(3);
    // Two ops on one input share nothing; one op used twice does.
    expect(key('[[0, [1,1,1,9]], [[0,1]]]')).not.toBe(key('[[0, [0,1,1,9]], [[0,1]]]'));
    expect(key('[[0], [[0,1]]]')).not.toBe(key('[[0], [[0,2]]]'));
    expect(key('[[0], [[0,0],[4,1]]]')).not.toBe(key('[[0], [[0,0],[4,4]]]'));
    expect(key('[[2], [[0,1]]]')).not.toBe(key('[[3], [[0,1]]]'));
  });
});
