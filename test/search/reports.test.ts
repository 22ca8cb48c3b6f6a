// What is told of a search: why candidates failed, how a run is doing, what a candidate costs beyond its limits.

import { describe, expect, test } from 'vitest';
import {
  CostMeter,
  type CostOptions,
  failureSummary,
  overLimit,
  SmallestCost,
  softReward,
  Suspicion,
  type Trial,
} from '../../src/core/search/index.js';
import { torchEncoder } from '../../src/core/nn/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { maskDescription } from '../task/mask-task.js';

const trial = (index: number, error?: string): Trial => ({
  index,
  genotype: [[9], [[0, 1]]],
  key: String(index),
  reward: 0,
  metrics: {},
  loss: null,
  parameters: 1,
  multiplyAdds: 1,
  inputSize: [1, 1],
  stage: 0,
  seed: 0,
  seconds: { training: 1, validation: 1 },
  policy: {},
  error,
});

describe('why candidates failed', () => {
  test('the most frequent reason first; those that differ in numbers only are one, told by its first', () => {
    const errors = ['no memory', 'NaN at step 3 of 10', undefined, 'NaN at step 4.5 of 10', 'NaN at step 77 of 100'];
    expect(failureSummary(errors.map((error, i) => trial(i, error)))).toBe(
      ['4 of 5 architectures failed:', '  3 × NaN at step 3 of 10 (or the like)', '  1 × no memory'].join('\n'),
    );
    expect(failureSummary([trial(1), trial(2)])).toBeUndefined();
  });
});

describe('whose fault a lost worker is', () => {
  test('one that loses them again, with another evaluated in between, is to blame; three different ones say it is the machine', () => {
    const suspicion = new Suspicion();
    expect([suspicion.judge(1), suspicion.judge(2), suspicion.judge(3)]).toEqual(['later', 'later', 'machine']);
    suspicion.evaluated();
    expect([1, 2, 3].map((index) => suspicion.mayComeAgain(index))).toEqual([true, true, true]);
    expect(suspicion.judge(4)).toBe('later');
    // Of one of which nothing is known yet.
    expect(new Suspicion().mayComeAgain(1)).toBe(true);
    expect(suspicion.judge(1)).toBe('architecture');
    expect(suspicion.judge(5)).toBe('later');
    expect(suspicion.judge(6, true)).toBe('architecture');
    // Twice the same with nothing evaluated in between.
    expect(suspicion.judge(5)).toBe('machine');
  });
});

describe('limits', () => {
  const limits = { parameters: 100, multiplyAdds: 1000, latency: 10 };

  test('what is exceeded in words, and by how much in shares, added up', () => {
    expect(overLimit({ parameters: 100, multiplyAdds: 1000, latency: 10 }, limits)).toBeUndefined();
    expect(overLimit({ parameters: 1000, multiplyAdds: 10 }, {})).toBeUndefined();
    expect(overLimit({ parameters: 150, multiplyAdds: 10 }, limits)).toEqual({ what: '150 parameters, at most 100', violation: 0.5 });
    expect(overLimit({ parameters: 101, multiplyAdds: 3000, latency: 12.34 }, limits)).toEqual({
      what: '101 parameters, at most 100; 3000 multiply-adds, at most 1000; 12.3 ms an image, at most 10',
      violation: expect.closeTo(0.01 + 2 + 0.234, 9),
    });
  });

  test('the least that was seen of what is limited', () => {
    const smallest = new SmallestCost({ parameters: 100, latency: 5 });
    expect(String(smallest)).toBe('');
    smallest.see({ parameters: 300, multiplyAdds: 1, latency: 8 });
    smallest.see({ parameters: 200, multiplyAdds: 1 });
    smallest.see({ parameters: 250, multiplyAdds: 1, latency: 9 });
    expect(String(smallest)).toBe('200 parameters (the limit is 100), 8.0 ms an image (the limit is 5)');
  });

  test('the reward of what takes twice as long, by hand: 0.8 · 2^−0.07', () => {
    expect(softReward(0.8, 40, { target: 20, exponent: -0.07 })).toBeCloseTo(0.8 * 0.9526, 4);
    expect(softReward(0.8, 20, { target: 20, exponent: -0.07 })).toBe(0.8);
  });
});

describe('what a candidate costs', () => {
  const genotype = parseGenotype('[[1], [[0,1]]]');
  const other = parseGenotype('[[2], [[0,1]]]');
  const options: CostOptions = {
    encoder: { options: torchEncoder },
    task: maskDescription(3),
    decoder: { width: 8, sepRepeats: 1 },
    inputSize: [32, 64],
  };
  const meter = (more: Partial<CostOptions> = {}) => {
    const timed: string[] = [];
    const made: string[] = [];
    const known = new CostMeter({
      ...options,
      latencyOf: async (which) => {
        timed.push(JSON.stringify(which));
        return 7 + timed.length;
      },
      bytesOf: (which) => {
        made.push(JSON.stringify(which));
        return 1000;
      },
      ...more,
    });
    return { known, timed, made };
  };

  test('is counted at the size and with the outputs asked for; nothing is measured that nobody asks for', async () => {
    const { known, timed, made } = meter();
    const cost = await known.costOf(genotype);
    expect(Object.keys(cost)).toEqual(['parameters', 'multiplyAdds']);
    expect([timed, made]).toEqual([[], []]);
    const wide = await meter({ inputSize: [32, 128] }).known.costOf(genotype);
    expect(wide.parameters).toBe(cost.parameters);
    expect(wide.multiplyAdds).toBe(2 * cost.multiplyAdds);
    // One more class: a bias and 3×3 weights of eight channels each more in the last convolution.
    const more = await meter({ task: maskDescription(4) }).known.costOf(genotype);
    expect(more.parameters - cost.parameters).toBe(9 * 8 + 1);
  });

  test.each([
    ['a limit', { limits: { latency: 100 } }],
    ['an objective', { objectives: ['reward', 'latency'] }],
    ['the reward', { timesAll: true }],
  ] as const)('latency is measured where %s asks for it, once a network', async (_, more) => {
    const { known, timed } = meter(more);
    expect((await known.costOf(genotype)).latency).toBe(8);
    expect((await known.costOf(other)).latency).toBe(9);
    expect((await known.costOf(genotype)).latency).toBe(8);
    expect(timed).toHaveLength(2);
  });

  test('not of what another limit rules out', async () => {
    const { known, timed, made } = meter({ limits: { parameters: 1, latency: 100 }, objectives: ['modelBytes'] });
    expect(Object.keys(await known.costOf(genotype))).toEqual(['parameters', 'multiplyAdds']);
    expect([timed, made]).toEqual([[], []]);
  });

  test('the size of its file where that is an objective', async () => {
    const { known, timed, made } = meter({ objectives: ['reward', 'modelBytes'] });
    expect((await known.costOf(genotype)).modelBytes).toBe(1000);
    await known.costOf(genotype);
    expect([timed.length, made.length]).toEqual([0, 1]);
  });
});
