// The loop with a synthetic evaluator: what is recorded, what happens on failure, and that it repeats itself.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEncoder } from '../../src/core/model/index.js';
import { loadPreset, strategies } from '../../src/core/preset/index.js';
import { RandomSearch } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  createPolicy,
  type Evaluate,
  type EvaluationContext,
  type Executor,
  InProcess,
  RunFolder,
  search,
  type SearchOptions,
} from '../../src/core/search/index.js';
import { canonicalKey, formatGenotype, genotypeToJson, parseGenotype } from '../../src/core/space/index.js';
import { DivergedError } from '../../src/core/train/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { maskDescription, maskTask } from '../task/mask-task.js';
import { decoderWeights } from './weights.js';

const encoder = await loadEncoder('movenet');
const cache = { count: 1, shapes: [], taps: [], targets: new Uint8Array(), targetShape: [64, 96], imageShape: [64, 96] } as const;
const context: EvaluationContext = {
  runtime: portable,
  task: maskTask(3),
  stage1: {
    epochs: 1,
    batch: 1,
    decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 },
    optimiser: { learningRate: 1, weightDecay: 0, clipNorm: 1, polyakDecay: 0.9 },
  },
  train: cache,
  validation: cache,
};

/** The share of 3×3 separable convolutions, with a little noise from the candidate's own generator. */
const synthetic: Evaluate = async (_context, genotype, { random }) => {
  const ops = [genotype.cell.first, ...genotype.cell.rounds.flatMap((round) => round.ops)];
  const reward = ops.filter((op) => op === 2).length / ops.length + 0.01 * random.next();
  return {
    reward,
    firstReward: reward,
    rungs: [],
    metrics: { meanIoU: reward },
    loss: 1 - reward,
    epochs: [
      { stage: 1, epoch: 1, loss: 1 },
      { stage: 1, epoch: 2, loss: 1 - reward },
    ],
    steps: 3,
    stage: 1,
    trainSeconds: 0,
    validationSeconds: 0,
    parameters: decoderWeights(genotype, 1),
  };
};

const preset = await loadPreset('demo');

async function runWith(evaluate: Evaluate, options: Partial<SearchOptions> = {}, seed = 1) {
  const run = options.run ?? (await RunFolder.create(path.join(await temporaryFolder(), 'run')));
  await run.writeConfig({ seed, data: 'nowhere', preset });
  const store = options.store ?? run.openStore();
  const policy = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(seed).fork('policy'));
  const executor = new InProcess(context, seed, evaluate);
  const { decoder } = context.stage1;
  const base = { run, store, policy, executor, encoder, task: maskDescription(3), decoder, inputSize: [64, 96] as const, seed };
  const result = await search({ ...base, candidates: 6, ...options });
  const epochs = store.epochs(1);
  store.close();
  return { run, result, epochs };
}

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

  describe('limits', () => {
    /** A limit that about half of the architectures keep, or fewer. */
    const middle = async (at = 5): Promise<number> => {
      const costs = (await runWith(synthetic, { candidates: 12 })).result.trials.map(({ parameters }) => parameters);
      return costs.toSorted((a, b) => a - b)[at] ?? 0;
    };

    test('an architecture beyond is no candidate: another one is drawn', async () => {
      let evaluated = 0;
      const counting: Evaluate = (...args) => {
        evaluated++;
        return synthetic(...args);
      };
      const most = await middle();
      const free = await runWith(synthetic, { candidates: 40 });
      const { result } = await runWith(counting, { limits: { parameters: most }, candidates: 8 });
      // Those that random search proposes anyway, without what is beyond.
      const within = free.result.trials.filter(({ parameters }) => parameters <= most).slice(0, 8);
      expect(result.trials.map(({ key }) => key)).toEqual(within.map(({ key }) => key));
      expect(result.trials.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(evaluated).toBe(8);
      expect(result.refused).toBe((within.at(-1)?.index ?? 0) - 8);
      expect(result.refused).toBeGreaterThan(0);
    });

    test('the strategy is told by how much, and what it learns is not kept without the trial after it', async () => {
      const most = await middle();
      const told: number[] = [];
      const random = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(1).fork('policy'));
      const policy = {
        name: 'told',
        propose: () => random.propose(),
        observe: async () => ({}),
        refuse: async (_: unknown, violation: number) => {
          told.push(violation);
          return {};
        },
        state: () => random.state(),
        close: async () => {},
      };
      const { result, run } = await runWith(synthetic, { policy, limits: { parameters: most }, candidates: 6 });
      expect(told).toHaveLength(result.refused);
      const free = await runWith(synthetic, { candidates: 6 + told.length });
      const beyond = free.result.trials.filter(({ parameters }) => parameters > most);
      expect(told).toEqual(beyond.map(({ parameters }) => parameters / most - 1));
      const store = await run.look();
      expect(store.get('refused')).toBe(String(result.refused));
      store.close();
    });

    test('latency is measured once, of what keeps the other limits', async () => {
      const most = await middle();
      const timed: string[] = [];
      const latencyOf = async (genotype: Parameters<Evaluate>[1]): Promise<number> => {
        timed.push(formatGenotype(genotype));
        return timed.length % 2 === 0 ? 12.3 : 8.5;
      };
      const { result } = await runWith(synthetic, { limits: { latency: 10, parameters: most }, latencyOf, candidates: 3 });
      for (const trial of result.trials) expect(trial).toMatchObject({ latency: 8.5 });
      for (const { parameters } of result.trials) expect(parameters).toBeLessThanOrEqual(most);
      // Every second one that was measured is too slow; what has too many parameters is not measured.
      expect(timed).toHaveLength(5);
      expect(new Set(timed).size).toBe(5);
      expect(result.refused).toBeGreaterThan(2);
    });

    test('where nothing fits, an error with the least there was', async () => {
      const { result } = await runWith(synthetic, { candidates: 40 });
      const most = { parameters: 1000, multiplyAdds: 1e12 };
      const error = await runWith(synthetic, { limits: most, candidates: 3 }).catch((reason: unknown) => String(reason));
      expect(error).toMatch(
        /none of 1000 architectures that random proposed in a row is within the limits; the smallest had \d+ parameters/,
      );
      const smallest = Number(/(\d+) parameters/.exec(String(error))?.[1]);
      expect(smallest).toBeLessThanOrEqual(Math.min(...result.trials.map(({ parameters }) => parameters)));
      expect(smallest).toBeGreaterThan(1_811_712);
      expect(error).toContain('(the limit is 1000)');
    });

    test('where nothing fits and something is in hand, it is waited for', async () => {
      let observed = 0;
      // Small until one was observed: one that is proposed before it is beyond.
      const small = parseGenotype('[[9],[[0,1]]]');
      const large = parseGenotype('[[1],[[0,1]]]');
      let proposed = 0;
      const policy = {
        name: 'learner',
        propose: async () => ({ genotype: proposed++ === 0 || observed > 0 ? small : large }),
        observe: async () => {
          observed++;
          return {};
        },
        state: () => ({}),
        close: async () => {},
      };
      const inner = new InProcess(context, 1, synthetic);
      const executor: Executor = { slots: 2, evaluate: (job, observer) => inner.evaluate(job, observer), close: async () => {} };
      const smallCost = (await runWith(synthetic, { policy: { ...policy, propose: async () => ({ genotype: small }) }, candidates: 1 }))
        .result;
      observed = 0;
      const { parameters = 0 } = smallCost.trials[0] ?? {};
      const { result } = await runWith(synthetic, { policy, executor, limits: { parameters }, candidates: 2 });
      expect(result.trials).toHaveLength(2);
      expect(result.refused).toBe(1000);
    });

    test.each(['random', 'evolution', 'local'] as const)(
      '%s within limits: stopped after every trial and resumed, the same trials',
      async (strategy) => {
        const limits = { parameters: await middle(2) };
        const chosen = { ...preset, strategy, evolution: { population: 3, sample: 2 }, local: { starts: 2 } };
        const create = (state?: unknown) => createPolicy(portable, chosen, seededRandom(1).fork('policy'), state);
        const whole = await runWith(synthetic, { policy: await create(), candidates: 6, limits });
        expect(whole.result.refused).toBeGreaterThan(0);
        const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
        let refused = 0;
        for (let candidates = 1; candidates <= 6; candidates++) {
          const store = run.openStore();
          const saved = store.resume();
          ({ refused } = (await runWith(synthetic, { run, store, policy: await create(saved?.policy), candidates, limits })).result);
        }
        expect(await run.readTrials()).toEqual(whole.result.trials);
        expect(refused).toBe(whole.result.refused);
      },
    );
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
