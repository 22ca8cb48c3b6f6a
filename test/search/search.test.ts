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
    const chosen = { ...preset, strategy, evolution: { population: 3, sample: 2 }, local: { starts: 2 } };
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

  test('architectures beyond a limit score 0 without being evaluated', async () => {
    let evaluated = 0;
    const counting: Evaluate = (...args) => {
      evaluated++;
      return synthetic(...args);
    };
    const costs = (await runWith(synthetic, { candidates: 12 })).result.trials.map(({ parameters }) => parameters);
    const most = costs.toSorted((a, b) => a - b)[5] ?? 0;
    const { result } = await runWith(counting, { limits: { parameters: most }, candidates: 12 });
    const beyond = result.trials.filter(({ parameters }) => parameters > most);
    expect(beyond.length).toBeGreaterThan(0);
    expect(beyond.length).toBeLessThan(12);
    for (const trial of beyond) expect(trial).toMatchObject({ reward: 0, error: expect.stringMatching(/over the limit: \d+ parameters/) });
    expect(evaluated).toBe(12 - beyond.length);
    const slow = await runWith(counting, { limits: { latency: 10 }, latencyOf: async () => 12.3, candidates: 1 });
    expect(slow.result.trials[0]).toMatchObject({ reward: 0, latency: 12.3, error: 'over the limit: 12.3 ms an image, at most 10' });
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
