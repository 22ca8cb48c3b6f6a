// The loop with a synthetic evaluator: what is recorded, what happens on failure, and that it repeats itself.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { strategies } from '../../src/core/preset/index.js';
import { RandomSearch } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { createPolicy, type Evaluate, type Executor, InProcess, RunFolder, type SearchOptions } from '../../src/core/search/index.js';
import { canonicalKey, formatGenotype, genotypeToJson, parseGenotype } from '../../src/core/space/index.js';
import { DivergedError } from '../../src/core/train/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { context, preset, runWith, synthetic } from './synthetic-loop.js';

describe('the search loop', () => {
  test('records every candidate, and the best one as a network', async () => {
    const { run, result, epochs } = await runWith(synthetic);
    const trials = await run.readTrials();
    expect(trials).toEqual(result.trials);
    expect(epochs).toEqual([
      { stage: 1, epoch: 1, loss: 1 },
      { stage: 1, epoch: 2, loss: trials[0]?.loss },
    ]);
    expect(trials.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const trial of trials) expect(trial.parameters).toBeGreaterThan(1_800_000);
    expect((await readFile(run.path('best.safetensors'))).length).toBeGreaterThan(1_000_000);
  });

  test('repeats itself with the same seed, and differs with another', async () => {
    const text = async (seed: number): Promise<string> => JSON.stringify((await runWith(synthetic, {}, seed)).result.trials);
    expect(await text(1)).toBe(await text(1));
    expect(await text(1)).not.toBe(await text(2));
  });

  test('a failing architecture scores 0 with its error, and the search goes on', async () => {
    let count = 0;
    const { run } = await runWith(async (...args) => {
      if (++count % 2 === 1) throw new DivergedError('the loss became NaN at step 3 of 10');
      return synthetic(...args);
    });
    const trials = await run.readTrials();
    expect(trials.map(({ error }) => error !== undefined)).toEqual([true, false, true, false, true, false]);
    expect(trials[0]).toMatchObject({ reward: 0, loss: null, error: 'the loss became NaN at step 3 of 10' });
  });

  test('the first one that could be trained is the best, even if it scores 0', async () => {
    let count = 0;
    const { run } = await runWith(async (...args) => {
      if (++count === 1) throw new DivergedError('no');
      return { ...(await synthetic(...args)), reward: 0 };
    });
    expect((await readFile(run.path('best.safetensors'))).length).toBeGreaterThan(1_000_000);
  });

  test('an interruption keeps what is done and drops what is not', async () => {
    const abort = new AbortController();
    let count = 0;
    const { run, result } = await runWith(
      async (...args) => {
        if (++count === 4) {
          abort.abort();
          throw abort.signal.reason;
        }
        return synthetic(...args);
      },
      { signal: abort.signal },
    );
    expect(result.interrupted).toBe(true);
    expect((await run.readTrials()).length).toBe(3);
  });

  test('no candidate is begun after the time is up', async () => {
    const { result } = await runWith(
      async (...args) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return synthetic(...args);
      },
      { hours: 0.04 / 3600, candidates: 100 },
    );
    expect(result.trials.length).toBeGreaterThan(0);
    expect(result.trials.length).toBeLessThan(20);
  });

  test.each(strategies)('%s: stopped after every trial and resumed, the same trials', async (strategy) => {
    const chosen = {
      ...preset,
      strategy,
      evolution: { population: 3, sample: 2 },
      local: { starts: 2 },
      nsga2: { population: 3, crossover: 0.9 },
      predictor: { ...preset.predictor, initial: 3, every: 2, pool: 10 },
    };
    const create = (state?: unknown) => createPolicy(portable, chosen, seededRandom(1).fork('policy'), state);
    const whole = await runWith(synthetic, { policy: await create(), candidates: 7 });
    const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
    for (let candidates = 1; candidates <= 7; candidates++) {
      const store = run.openStore();
      const saved = store.resume();
      const policy = await create(saved?.policy);
      await runWith(synthetic, { run, store, policy, candidates, pending: saved?.pending ?? [] });
      await policy.close();
    }
    expect(await run.readTrials()).toEqual(whole.result.trials);
  });

  test('an equal network is not evaluated twice, be it finished, in hand, or of another run', async () => {
    const genotypes = ['[[9],[[0,1]]]', '[[9],[[2,2]]]', '[[9],[[0,1]]]', '[[9],[[0,1]]]'].map(parseGenotype);
    const [first, second] = genotypes.map(canonicalKey);
    expect(first).not.toBe(second);
    let evaluated = 0;
    const observed: number[] = [];
    let next = 0;
    const policy = {
      name: 'list',
      propose: async () => ({ genotype: genotypes[next++] ?? parseGenotype('[[9],[[3,3]]]') }),
      observe: async (_: unknown, reward: number) => {
        observed.push(reward);
        return {};
      },
      state: () => ({}),
      close: async () => {},
    };
    const inner = new InProcess(context, 1, async (...args) => {
      evaluated++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return synthetic(...args);
    });
    const executor: Executor = { slots: 3, evaluate: (job, observer) => inner.evaluate(job, observer), close: async () => {} };
    const { result } = await runWith(synthetic, { policy, executor, candidates: 4 });
    expect(evaluated).toBe(2);
    expect(result.trials.map(({ reusedFrom }) => reusedFrom)).toEqual([undefined, undefined, '1', '1']);
    expect(result.trials[3]?.reward).toBe(result.trials[0]?.reward);
    expect(observed).toHaveLength(4);
    evaluated = 0;
    next = 0;
    const known = new Map(result.trials.filter(({ key }) => key === second).map((trial) => [trial.key, { trial, source: 'old#2' }]));
    const again = await runWith(synthetic, { policy, executor, candidates: 2, known });
    expect(again.result.trials.map(({ reusedFrom }) => reusedFrom)).toEqual([undefined, 'old#2']);
    expect(evaluated).toBe(1);
  });

  test('what a strategy wants beside the reward is measured, once each, kept, and told', async () => {
    const timed: string[] = [];
    const told: unknown[] = [];
    const random = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(1).fork('policy'));
    const policy: SearchOptions['policy'] = {
      name: 'told',
      propose: () => random.propose(),
      observe: async (...news) => {
        told.push(news[2]);
        return {};
      },
      state: () => random.state(),
      close: async () => {},
    };
    let evaluated = 0;
    const second: Evaluate = async (...args) => {
      if (++evaluated === 2) throw new DivergedError('no');
      return synthetic(...args);
    };
    const latencyOf = async (genotype: Parameters<Evaluate>[1]): Promise<number> => timed.push(formatGenotype(genotype));
    const more = { objectives: ['reward', 'latency', 'modelBytes'], latencyOf, bytesOf: () => 1234 } as const;
    const { result } = await runWith(second, { policy, candidates: 3, ...more });
    expect(timed).toEqual(result.trials.map(({ genotype }) => JSON.stringify(genotype)));
    expect(result.trials.map(({ latency, modelBytes }) => [latency, modelBytes])).toEqual([1, 2, 3].map((k) => [k, 1234]));
    const costs = result.trials.map(({ parameters, multiplyAdds, latency, modelBytes }) => ({
      parameters,
      multiplyAdds,
      latency,
      modelBytes,
    }));
    expect(told).toEqual(costs.map((of, i) => ({ costs: of, failed: i === 1 })));
  });

  test('a run is not written over', async () => {
    const { run } = await runWith(synthetic, { candidates: 1 });
    await expect(RunFolder.create(run.folder)).rejects.toThrow(/holds a run already/);
  });
});

test("the benchmark's random genotypes are the first of seed 2019", async () => {
  const { randomGenotypes } = await import('../../src/cli/bench-candidate.js');
  const policy = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(2019));
  for (const text of randomGenotypes) {
    const { genotype } = await policy.propose();
    expect(formatGenotype(genotype)).toBe(text);
    expect(JSON.stringify(genotypeToJson(genotype))).toBe(text);
  }
});
