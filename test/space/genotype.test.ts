import { describe, expect, test } from 'vitest';
import {
  formatGenotype,
  GenotypeError,
  genotypeFromJson,
  looseEnds,
  outputBlocks,
  parseGenotype,
  positionsBefore,
  publishedGenotype,
  publishedGenotypes,
} from '../../src/core/space/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { randomGenotype } from './random-genotype.js';

describe('genotype', () => {
  test('what cannot be read is an error of its own kind, for the user', () => {
    expect(() => parseGenotype('7')).toThrow(GenotypeError);
    expect(new GenotypeError('x').name).toBe('GenotypeError');
  });

  test('as large as anybody builds them, and no larger', () => {
    const json = (rounds: number, blocks: number): string =>
      JSON.stringify([[0, ...Array.from({ length: rounds }, () => [0, 0, 1, 1])], Array.from({ length: blocks }, () => [0, 1])]);
    const largest = parseGenotype(json(64, 64));
    expect([largest.cell.rounds.length, largest.connections.length]).toEqual([64, 64]);
    expect(() => parseGenotype(json(65, 1))).toThrow('the cell has 65 rounds; it may have 64');
    expect(() => parseGenotype(json(1, 65))).toThrow('the connections have 65 blocks; there may be 64');
    const small = json(1, 1);
    expect(parseGenotype(small + ' '.repeat(20_000 - small.length)).connections).toEqual([[0, 1]]);
    expect(() => parseGenotype(small + ' '.repeat(20_001 - small.length))).toThrow(
      'a genotype of 20001 characters; at most 20000 are read',
    );
    // Deeper than what writes JSON can follow.
    let deep: unknown = [];
    for (let k = 0; k < 100_000; k++) deep = [deep];
    expect(() => genotypeFromJson([deep, [[0, 1]]])).toThrow("the cell's first op is lists nested without end; it must be");
  });

  test('the published ones by their names, and no other', () => {
    for (const [name, text] of Object.entries(publishedGenotypes)) expect(publishedGenotype(name)).toBe(text);
    for (const name of ['arch3', '', 'toString']) expect(publishedGenotype(name)).toBeUndefined();
    expect([0, 1, 2].map(positionsBefore)).toEqual([2, 5, 8]);
  });

  test('text and back', () => {
    for (let seed = 0; seed < 50; seed++) {
      const genotype = randomGenotype(seededRandom(seed));
      expect(parseGenotype(formatGenotype(genotype))).toEqual(genotype);
    }
  });

  test('the loose ends of the published cells', () => {
    // arch0: positions 0, 0, 0, 2, 0, 5 are used: the first op (1) and the sums 4, 7, 10 are not.
    expect(looseEnds(parseGenotype(publishedGenotypes.arch0).cell)).toEqual([1, 4, 7, 10]);
    // arch1: 1, 0, 0, 1, 2, 0
    expect(looseEnds(parseGenotype(publishedGenotypes.arch1).cell)).toEqual([4, 7, 10]);
    // arch2: 0, 0, 3, 2, 5, 6
    expect(looseEnds(parseGenotype(publishedGenotypes.arch2).cell)).toEqual([1, 4, 7, 10]);
  });

  test('the blocks that make up the head', () => {
    expect(outputBlocks(parseGenotype(publishedGenotypes.arch0))).toEqual([0, 1, 2]);
    expect(outputBlocks(parseGenotype(publishedGenotypes.arch1))).toEqual([1, 2]);
  });

  test.each([
    ['[[11, [0,0,5,2]], [[3,3]]]', "the cell's first op is 11; it must be a whole number from 0 to 10"],
    ['[[8, [0,2,5,2]], [[3,3]]]', 'position b in round 1 of the cell is 2; it must be a whole number from 0 to 1'],
    ['[[8, [0,0,5,2], [0,5,1,1]], [[3,3]]]', 'position b in round 2 of the cell is 5; it must be a whole number from 0 to 4'],
    ['[[8, [0,0,5,-1]], [[3,3]]]', 'op b in round 1 of the cell is -1; it must be a whole number from 0 to 10'],
    ['[[8, [0,0,5]], [[3,3]]]', 'round 1 of the cell must have 4 numbers [pos_a, pos_b, op_a, op_b], got 3: [0,0,5]'],
    ['[[8], [[3,4]]]', 'the second input of block 1 of the connections is 4; it must be a whole number from 0 to 3'],
    ['[[8], [[3,3],[1,5]]]', 'the second input of block 2 of the connections is 5; it must be a whole number from 0 to 4'],
    ['[[8], []]', 'the connections are empty'],
    ['[[8], [[1,1]], 3]', 'the genotype has 3 parts'],
    ['[[8.5], [[1,1]]]', "the cell's first op is 8.5"],
    ['{"a": 1}', 'the genotype must be a list'],
    ['arch9', 'genotype is not JSON: arch9'],
    ['[[8, [2,0,5,2]], [[3,3]]]', 'position a in round 1 of the cell is 2; it must be a whole number from 0 to 1'],
    ['[[8, [0,0,11,2]], [[3,3]]]', 'op a in round 1 of the cell is 11; it must be a whole number from 0 to 10'],
    ['[[8], [[4,0]]]', 'the first input of block 1 of the connections is 4; it must be a whole number from 0 to 3'],
    ['[[8], [[1,2,3]]]', 'block 1 of the connections must have 2 numbers [i, j], got 3: [1,2,3]'],
    ['[["8"], [[1,1]]]', 'the cell\'s first op is "8"; it must be a whole number from 0 to 10'],
    ['[[], [[1,1]]]', "the cell's first op is missing"],
    ['7', 'the genotype must be a list [cell, connections], got 7'],
    ['[7, [[1,1]]]', 'the cell must be a list [first op, [pos_a, pos_b, op_a, op_b], …], got 7'],
    ['[[8], 7]', 'the connections must be a list [[i, j], …], got 7'],
    ['[[8]]', 'the connections must be a list [[i, j], …], got nothing'],
    [`${'x'.repeat(80)}`, `genotype is not JSON: ${'x'.repeat(80)} (expected`],
    [`${'x'.repeat(81)}`, `genotype is not JSON: ${'x'.repeat(77)}… (expected`],
  ])('%s is refused by name', (text, message) => {
    expect(() => parseGenotype(text)).toThrow(message);
  });
});
