import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import { cellOp, describeGenotype, drawGenotype, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { randomGenotype } from './random-genotype.js';

describe('drawing', () => {
  test('names every op, tap and block', () => {
    for (let seed = 0; seed < 10; seed++) {
      const genotype = randomGenotype(seededRandom(seed));
      const svg = drawGenotype(genotype);
      for (const op of [genotype.cell.first, ...genotype.cell.rounds.flatMap(({ ops }) => ops)])
        expect(svg).toContain(`>${cellOp(op).name}<`);
      for (const name of ['tap 0: 1/4', 'tap 3: 1/32', 'block 1', 'block 3', 'head', 'output']) expect(svg).toContain(`>${name}<`);
      expect(svg).not.toMatch(/NaN|undefined/);
    }
  });

  test('in words', () => {
    expect(describeGenotype(parseGenotype(publishedGenotypes.arch1))).toEqual([
      'Decoder',
      '  block 1 = cell(tap 2 (1/16, 96 channels)) + cell(tap 3 (1/32, 320 channels))',
      '  block 2 = cell(tap 3 (1/32, 320 channels)) + cell(tap 1 (1/8, 32 channels))',
      '  block 3 = cell(block 1) + cell(block 1)',
      '  head    = block 2, block 3',
      'Cell',
      '  p1  = sep_conv_3x3(input)',
      '  p2  = sep_conv_5x5(p1)',
      '  p3  = conv3x3_dil12(input)',
      '  p4  = p2 + p3',
      '  p5  = sep_conv_3x3(input)',
      '  p6  = sep_conv_5x5_dil6(p1)',
      '  p7  = p5 + p6',
      '  p8  = conv3x3_dil12(p2)',
      '  p9  = conv3x3(input)',
      '  p10 = p8 + p9',
      '  output = p4 + p7 + p10',
    ]);
  });
});
