// The code of an architecture: its numbers by hand, equal for equal networks, standardised over the space.

import { describe, expect, test } from 'vitest';
import { ArchitectureCode, decisionsOf, drawChoices, featuresOf, genotypeFromChoices } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';

/** What is not zero, by name. */
function told(text: string): Record<string, number> {
  return Object.fromEntries(featuresOf(parseGenotype(text)).flatMap(({ name, value }) => (value === 0 ? [] : [[name, value]])));
}

const [one, two, three, four] = [Math.log(2), Math.log(3), Math.log(4), Math.log(5)];

describe('numbers by hand', () => {
  test('a cell of a skip connection and a chain', () => {
    // conv1x1(x), used by sep_conv_3x3, and x itself: x + sep3x3(conv1x1(x)). One block from tap 1 and tap 3.
    const features = told('[[0,[1,0,2,9]],[[1,3]]]');
    const expected: Record<string, number> = {
      'paths that keep places': two,
      'share of paths that keep places': 1,
      'near paths': one,
      'smallest receptive field': one,
      // Of x 1, of the chain 3.
      'mean receptive field': three - Math.log(4 / 3),
      'mean length': 1,
      'convolutions of a path': 0.5,
      'separable convolutions of a path': 0.5,
      convolutions: one,
      'separable convolutions': one,
      ops: two,
      'kinds of ops': two,
      'blocks from tap 0': 5,
      'blocks from tap 1': 1,
      'paths from tap 1': one,
      'tap 1 is used': 1,
      'blocks from tap 2': 5,
      'blocks from tap 3': 1,
      'paths from tap 3': one,
      'tap 3 is used': 1,
      taps: 2,
      ends: 1,
      'finest end': 1,
      'coarsest end': 1,
      depth: 1,
      blocks: 1,
      area: 0.25,
      'length 0': one,
      'length 2': one,
      'last sep_conv_3x3': one,
      'share sep_conv_3x3': 0.5,
      'number of sep_conv_3x3': one,
      'first conv1x1': one,
      'share conv1x1': 0.5,
      'number of conv1x1': one,
      'sep_conv_3x3 < conv1x1': one,
    };
    expect(Object.keys(features).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [name, value] of Object.entries(features)) expect(value, name).toBeCloseTo(expected[name] ?? Number.NaN, 5);
  });

  test('what runs through a global pooling keeps no places, and far dilations are not near', () => {
    // gap(x) is used by both ops of the round: conv3x3 of it, and conv3x3_dil12 of x.
    const features = told('[[4,[1,0,1,6]],[[0,0]]]');
    expect(features).toMatchObject({
      'paths that keep places': one,
      'paths through a pooling': one,
      'share of paths that keep places': 0.5,
      'smallest receptive field': Math.log(26),
      'mean receptive field': Math.log(26),
      'convolutions of a path': 1,
      convolutions: two,
      ops: three,
      'alone conv3x3_dil12': one,
      'share conv3x3_dil12': 1,
      'conv3x3 < global_average_pool': one,
      'one map twice': 1,
      area: 1,
    });
    expect(features).not.toHaveProperty('near paths');
    expect(features).not.toHaveProperty('share conv3x3');
  });

  test('the fewest separable convolutions, the way from each tap, and blocks that work on coarser maps', () => {
    // sep3x3(x), then sep3x3(sep3x3(x)) and sep5x5(x): the fewest is one. Blocks: 2 and 3, that and 0, tap 1 with itself.
    const features = told('[[2,[1,0,2,3]],[[2,3],[4,0],[1,1]]]');
    expect(features).toMatchObject({
      'fewest separable convolutions': 1,
      'separable convolutions': three,
      'smallest receptive field': Math.log(6),
      'mean receptive field': Math.log(6),
      'blocks from tap 0': 1,
      'blocks from tap 1': 1,
      'blocks from tap 2': 2,
      'blocks from tap 3': 2,
      'paths from tap 1': two,
      taps: 4,
      ends: 2,
      'coarsest end': 1,
      depth: 2,
      blocks: 3,
      area: 1 / 16 + 1 + 1 / 4,
      'one map twice': 1,
    });
    expect(features).not.toHaveProperty('finest end');
    expect(Math.log1p(4)).toBe(four);
  });

  test('of a cell without an output nothing but the decoder is told', () => {
    const features = told('[[10],[[0,1]]]');
    expect(Object.keys(features).every((name) => /tap|blocks|ends|end$|depth|area/.test(name))).toBe(true);
  });
});

describe('a code', () => {
  const space = { blocks: 3, rounds: 3 };
  const code = ArchitectureCode.of(space, seededRandom(1));

  test('is the same for equal networks, and another for others', () => {
    const of = (text: string): string => code.encode(parseGenotype(text)).join();
    // The order of a sum, of a block's inputs, a skip connection for a position.
    expect(of('[[2,[0,1,3,1]],[[0,2]]]')).toBe(of('[[2,[1,0,1,3]],[[2,0]]]'));
    expect(of('[[9,[1,1,2,3]],[[0,2]]]')).toBe(of('[[9,[1,0,2,3]],[[0,2]]]'));
    expect(of('[[2,[0,1,3,1]],[[0,2]]]')).not.toBe(of('[[2,[0,1,3,2]],[[0,2]]]'));
    expect(of('[[2,[0,1,3,1]],[[0,2]]]')).not.toBe(of('[[2,[0,1,3,1]],[[0,3]]]'));
  });

  test('has about mean 0 and deviation 1 over the space in what is general, half of it in what is an op’s', () => {
    const random = seededRandom(7);
    const decisions = decisionsOf(space);
    const genotypes = Array.from({ length: 600 }, () => genotypeFromChoices(drawChoices(decisions, random), space));
    const codes = genotypes.map((genotype) => code.encode(genotype));
    const [first] = genotypes;
    if (!first) throw new Error('none drawn');
    const names = featuresOf(first);
    expect(codes[0]).toHaveLength(code.length);
    expect(names).toHaveLength(code.length);
    for (const name of ['near paths', 'mean receptive field', 'blocks from tap 0', 'area', 'last conv3x3']) {
      const f = names.findIndex((feature) => feature.name === name);
      const values = codes.map((one) => one[f] ?? Number.NaN);
      const mean = values.reduce((n, value) => n + value, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((n, value) => n + (value - mean) ** 2, 0) / values.length);
      const scale = name === 'last conv3x3' ? 0.5 : 1;
      expect(Math.abs(mean), name).toBeLessThan(0.15 * scale);
      expect(deviation, name).toBeGreaterThan(0.85 * scale);
      expect(deviation, name).toBeLessThan(1.15 * scale);
    }
  });

  test('follows from the generator’s seed, not from what was drawn of it', () => {
    const used = seededRandom(1);
    used.next();
    const genotype = parseGenotype('[[2,[0,1,3,1]],[[0,2]]]');
    expect(ArchitectureCode.of(space, used).encode(genotype)).toEqual(code.encode(genotype));
  });

  test('what is the same in a whole space is zero', () => {
    const small = ArchitectureCode.of({ blocks: 1, rounds: 0 }, seededRandom(1));
    const genotype = parseGenotype('[[2],[[0,2]]]');
    const f = featuresOf(genotype).findIndex(({ name }) => name === 'blocks');
    expect(small.encode(genotype)[f]).toBe(0);
    expect(small.encode(genotype).every(Number.isFinite)).toBe(true);
  });
});
