// What strategies make of a proposal that is beyond a limit.

import { describe, expect, test } from 'vitest';
import { choicesOf, Evolution, genotypeFromChoices, LocalSearch, type Policy, Ppo, Reinforce } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { portable } from '../graph/run.js';

const space = { blocks: 1, rounds: 1 };
const controller = { hidden: 4, layers: 1, conditioning: 'none' } as const;
const options = {
  learningRate: 1e-2,
  clipNorm: 2,
  entropyCoefficient: 0,
  minibatch: 2,
  clipCoefficient: 0.1,
  bufferSize: 4,
  baselineDecay: 0.95,
};

const controllers = {
  ppo: () => Ppo.create(portable, space, controller, options, seededRandom(5)),
  reinforce: () => Reinforce.create(portable, space, controller, options, seededRandom(5)),
} as const;

test.each(Object.entries(controllers))('%s learns from it as from one that is worth nothing', async (_name, create) => {
  const [refused, observed]: Policy[] = [await create(), await create()];
  if (!refused || !observed) throw new Error('no policies');
  for (const policy of [refused, observed]) await policy.observe(await policy.propose(), 0.7);
  const before = JSON.stringify(refused.state());
  await refused.refuse?.(await refused.propose(), 0.5);
  await observed.observe(await observed.propose(), 0);
  expect(refused.state()).toEqual(observed.state());
  expect(JSON.stringify(refused.state())).not.toBe(before);
  for (const policy of [refused, observed]) await policy.close();
});

describe('those that draw again', () => {
  test('evolution: as many as the population has are random and within the limits', async () => {
    const evolution = new Evolution(space, { population: 2, sample: 1 }, seededRandom(1));
    const known = genotypeFromChoices([0, 0, 0, 0, 0, 0, 0], space);
    const distances = async (): Promise<number> => {
      const { genotype } = await evolution.propose();
      return choicesOf(genotype).filter((choice) => choice !== 0).length;
    };
    await evolution.propose();
    await evolution.observe({ genotype: known }, 0.5);
    for (let n = 0; n < 4; n++) {
      await evolution.propose();
      await evolution.refuse();
    }
    // The second that is not refused is random still, the third is a child.
    expect(await distances()).toBeGreaterThan(1);
    expect(await distances()).toBe(1);
  });

  test('local: a refused start is drawn again, a refused neighbour is passed over', async () => {
    const local = new LocalSearch(space, { starts: 1 }, seededRandom(2));
    const beyond = await local.propose();
    await local.refuse(beyond);
    const start = await local.propose();
    await local.observe(start, 0.5);
    const distance = (choices: readonly number[]): number => choices.filter((choice, d) => choice !== choicesOf(start.genotype)[d]).length;
    expect(distance(choicesOf(beyond.genotype))).toBeGreaterThan(1);
    const first = await local.propose();
    await local.refuse(first);
    const second = await local.propose();
    expect(second).not.toEqual(first);
    for (const { genotype } of [first, second]) expect(distance(choicesOf(genotype))).toBe(1);
  });
});
