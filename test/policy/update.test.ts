// What the controllers make of rewards: baseline, advantage and buffer by hand, and rows that are only filling.

import { describe, expect, test } from 'vitest';
import { choicesOf, Ppo, type PpoOptions, type Proposal, Reinforce } from '../../src/core/policy/index.js';
import { ControllerNetwork, type Experience, type UpdateOptions } from '../../src/core/policy/controller-network.js';
import { clippedSurrogate } from '../../src/core/policy/ppo.js';
import { seededRandom } from '../../src/core/random/index.js';
import { portable } from '../graph/run.js';
import { randomGenotype } from '../space/random-genotype.js';
import { recordingRuntime } from '../graph/recording.js';

const space = { blocks: 2, rounds: 1 };
const controller = { hidden: 8, layers: 2, conditioning: 'none' } as const;
const options: PpoOptions = {
  learningRate: 1e-3,
  clipNorm: 2,
  entropyCoefficient: 0,
  minibatch: 2,
  clipCoefficient: 0.1,
  bufferSize: 3,
  baselineDecay: 0.9,
};
const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 5));
const sorted = (values: readonly number[] = []): number[] => values.toSorted((a, b) => a - b);

describe('PPO by hand', () => {
  test('baseline and advantages over four rewards, a buffer of three, minibatches of two', async () => {
    const { runtime, fed } = recordingRuntime('advantage');
    const policy = await Ppo.create(runtime, space, controller, options, seededRandom(1));
    const rewards = [0.5, 0.7, 0.1, 0.3];
    // b ← 0.9 b + 0.1 r, the first reward as it is.
    const baselines = [0.5, 0.52, 0.478, 0.4602];
    const proposals: Proposal[] = [];
    for (const [k, reward] of rewards.entries()) {
      const proposal = await policy.propose();
      proposals.push(proposal);
      expect((await policy.observe(proposal, reward)).baseline).toBeCloseTo(baselines[k] ?? 0, 9);
    }
    // One update with the first, one with two, two with three, two with the last three: the first is gone.
    expect(fed.length).toBe(6);
    expect(fed[0]).toMatchObject({ advantage: near([0, 0]), weight: [1, 0] });
    expect(sorted(fed[1]?.['advantage'])).toEqual(near([0.5 - 0.52, 0.7 - 0.52]));
    expect(fed[1]?.['weight']).toEqual([0.5, 0.5]);
    const epoch = (first: number) => ({
      advantages: sorted([...(fed[first]?.['advantage'] ?? []), ...(fed[first + 1]?.['advantage'] ?? []).slice(0, 1)]),
      olds: sorted([...(fed[first]?.['oldLogProbability'] ?? []), ...(fed[first + 1]?.['oldLogProbability'] ?? []).slice(0, 1)]),
    });
    expect(fed[3]?.['weight']).toEqual([1, 0]);
    expect(epoch(2).advantages).toEqual(near(sorted([0.5, 0.7, 0.1].map((r) => r - 0.478))));
    expect(epoch(4).advantages).toEqual(near(sorted([0.7, 0.1, 0.3].map((r) => r - 0.4602))));
    expect(epoch(4).olds).toEqual(near(sorted(proposals.slice(1).map(({ logProbability = Number.NaN }) => logProbability))));
    // Each row is one rollout: its advantage stands beside its own choices and probability.
    for (const { advantage = [], oldLogProbability = [], ...rest } of fed.slice(4))
      oldLogProbability.forEach((old, row) => {
        const k = proposals.findIndex(({ logProbability = 0 }) => Math.abs(logProbability - old) < 1e-5);
        if (k < 0) return;
        expect(advantage[row]).toBeCloseTo((rewards[k] ?? 0) - 0.4602, 5);
        const choices = Array.from({ length: 9 }, (_, d) => rest[`choice${d}`]?.[row]);
        expect(proposals.slice(k, k + 1).map(({ genotype }) => choicesOf(genotype))).toEqual([choices]);
      });
    await policy.close();
  });

  test('a proposal without its probability is refused', async () => {
    const policy = await Ppo.create(portable, space, controller, options, seededRandom(1));
    const { genotype } = await policy.propose();
    await expect(policy.observe({ genotype }, 0.5)).rejects.toThrow('ppo: the proposal has no log-probability');
    await policy.close();
  });

  test('at first all is nearly uniform: probabilities and entropies say so', async () => {
    const policy = await Ppo.create(portable, space, controller, options, seededRandom(1));
    // Uniform at first, within ±0.1: ln π ≈ −Σ ln choices.
    const choices = [4, 4, 5, 5, 11, 2, 2, 11, 11];
    const uniform = -choices.reduce((sum, n) => sum + Math.log(n), 0);
    const proposal = await policy.propose();
    expect(proposal.logProbability).toBeGreaterThan(uniform - 1);
    expect(proposal.logProbability).toBeLessThan(uniform + 1);
    // The entropy of a decision, in nats: that of the uniform choice, nearly.
    const { entropy } = await policy.observe(proposal, 0.5);
    expect(entropy).toBeCloseTo(-uniform / choices.length, 1);
    await policy.close();
  });
});

describe('REINFORCE by hand', () => {
  test('baseline and advantage over three rewards; one step each, of one sequence', async () => {
    const { runtime, fed } = recordingRuntime('advantage');
    const policy = await Reinforce.create(runtime, space, controller, options, seededRandom(1));
    const baselines = [];
    for (const reward of [0.5, 0.7, 0.1]) baselines.push((await policy.observe(await policy.propose(), reward)).baseline);
    expect(baselines).toEqual(near([0.5, 0.52, 0.478]));
    expect(fed.map(({ advantage }) => advantage)).toEqual([near([0]), near([0.18]), near([-0.378])]);
    expect(fed.map(({ weight }) => weight)).toEqual([[1], [1], [1]]);
    await policy.close();
  });
});

describe.each(['none', 'choice'] as const)('conditioning %s', (conditioning) => {
  const random = seededRandom(7);
  const experiences: Experience[] = Array.from({ length: 3 }, () => ({
    choices: choicesOf(randomGenotype(random, space.blocks, space.rounds)),
    logProbability: -16 + random.next(),
    advantage: random.next() - 0.5,
  }));
  const create = (more: Partial<UpdateOptions>): Promise<ControllerNetwork> =>
    ControllerNetwork.create(
      portable,
      space,
      { ...controller, conditioning },
      { ...options, clipNorm: 1e-2, entropyCoefficient: 0.3, ...more },
      (now, then, advantage) => clippedSurrogate(now, then, advantage, 0.1),
      seededRandom(2),
    );
  const trained = async (network: ControllerNetwork, batches: readonly (readonly Experience[])[]) => {
    const entropies: number[] = [];
    for (const batch of batches) entropies.push(await network.update(batch));
    const state = JSON.stringify(network.state());
    await network.close();
    const { parameters = '' }: { parameters?: string } = JSON.parse(state);
    return { entropies, parameters: [...new Float32Array(Uint8Array.from(atob(parameters), (c) => c.charCodeAt(0)).buffer)] };
  };

  test('rows that only fill a minibatch weigh nothing: not in the entropy, not in the gradient, not in its norm', async () => {
    const batches = [experiences, experiences.slice(1)];
    const [full, filled] = [
      await trained(await create({ minibatch: 3 }), batches),
      await trained(await create({ minibatch: 10 }), batches),
    ];
    expect(filled.entropies).toEqual(near(full.entropies));
    full.parameters.forEach((v, i) => {
      expect(Math.abs(v - (filled.parameters[i] ?? Number.NaN))).toBeLessThan(1e-6);
    });
    // Of two sequences alone, and of each: the mean of the two.
    const alone = async (batch: readonly Experience[]): Promise<number> =>
      (await trained(await create({ minibatch: 3 }), [batch])).entropies[0] ?? 0;
    const [first, second] = [await alone(experiences.slice(0, 1)), await alone(experiences.slice(1, 2))];
    expect(await alone(experiences.slice(0, 2))).toBeCloseTo((first + second) / 2, 5);
  });

  test('a state of another size is refused', async () => {
    const network = await create({});
    const state = network.state();
    await network.close();
    const other = ControllerNetwork.create(
      portable,
      { blocks: 3, rounds: 1 },
      { ...controller, conditioning },
      options,
      (now) => now,
      seededRandom(1),
      state,
    );
    await expect(other).rejects.toThrow(/the controller's state has \d+ values, its network \d+/);
  });
});
