// On a reward that is known, the controller finds the maximum, and random search does not.

import { describe, expect, test } from 'vitest';
import { type Policy, Ppo, RandomSearch, Reinforce } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Genotype } from '../../src/core/space/index.js';
import { portable } from '../graph/run.js';

const space = { blocks: 3, rounds: 3 };
const controller = { hidden: 100, layers: 2 } as const;
const wanted = 3;

/** The share of one op among the seven that a genotype has: 1 at best, 1/11 on average. */
function shareOfOp({ cell }: Genotype): number {
  const ops = [cell.first, ...cell.rounds.flatMap((round) => round.ops)];
  return ops.filter((op) => op === wanted).length / ops.length;
}

/** The number of proposals after which the mean of the last 20 rewards first reached 0.9. */
async function proposalsNeeded(policy: Policy, limit: number): Promise<number> {
  const rewards: number[] = [];
  for (let k = 1; k <= limit; k++) {
    const proposal = await policy.propose();
    const reward = shareOfOp(proposal.genotype);
    rewards.push(reward);
    await policy.observe(proposal, reward);
    const last = rewards.slice(-20);
    if (last.length === 20 && last.reduce((a, b) => a + b) / 20 >= 0.9) return k;
  }
  return Number.POSITIVE_INFINITY;
}

const ppo = {
  learningRate: 1e-4,
  clipNorm: 2,
  entropyCoefficient: 0,
  minibatch: 10,
  clipCoefficient: 0.1,
  bufferSize: 100,
  baselineDecay: 0.95,
};

describe('the controller learns', () => {
  test.each([0, 1, 2, 3, 4])('PPO with the paper’s settings, seed %i', async (seed) => {
    const policy = await Ppo.create(portable, space, { ...controller, conditioning: 'none' }, ppo, seededRandom(seed));
    const n = await proposalsNeeded(policy, 1000);
    expect(n).toBeLessThanOrEqual(1000);
    await policy.close();
  });

  test('PPO that feeds the choice back', async () => {
    const policy = await Ppo.create(portable, space, { ...controller, conditioning: 'choice' }, ppo, seededRandom(0));
    const n = await proposalsNeeded(policy, 1000);
    expect(n).toBeLessThanOrEqual(1000);
    await policy.close();
  });

  test('REINFORCE', async () => {
    const options = { learningRate: 1e-3, clipNorm: 2, entropyCoefficient: 0, baselineDecay: 0.95 };
    const policy = await Reinforce.create(portable, space, { ...controller, conditioning: 'none' }, options, seededRandom(0));
    const n = await proposalsNeeded(policy, 1000);
    expect(n).toBeLessThanOrEqual(1000);
    await policy.close();
  });

  test.each([0, 1, 2, 3, 4])('random search does not, seed %i', async (seed) => {
    expect(await proposalsNeeded(new RandomSearch(space, seededRandom(seed)), 1000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the state of a policy', () => {
  const policies = {
    ppo: (state?: unknown) => Ppo.create(portable, space, { ...controller, conditioning: 'none' }, ppo, seededRandom(5), state),
    reinforce: (state?: unknown) =>
      Reinforce.create(portable, space, { ...controller, conditioning: 'choice' }, { ...ppo }, seededRandom(5), state),
    random: async (state?: unknown) => new RandomSearch(space, seededRandom(5), state),
  } as const;

  test.each(Object.entries(policies))('%s goes on as if there had been no interruption', async (_name, create) => {
    const run = async (policy: Policy, count: number): Promise<string[]> => {
      const seen: string[] = [];
      for (let k = 0; k < count; k++) {
        const proposal = await policy.propose();
        seen.push(JSON.stringify(proposal));
        await policy.observe(proposal, shareOfOp(proposal.genotype));
      }
      return seen;
    };
    const whole = await create();
    const expected = await run(whole, 12);
    const first = await create();
    const before = await run(first, 5);
    const second = await create(JSON.parse(JSON.stringify(first.state())));
    expect([...before, ...(await run(second, 7))]).toEqual(expected);
  });
});
