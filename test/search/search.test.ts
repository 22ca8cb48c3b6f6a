// The loop with a synthetic evaluator: what is recorded, what happens on failure, and that it repeats itself.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEncoder } from '../../src/model/index.js';
import { loadPreset } from '../../src/preset/index.js';
import { RandomSearch } from '../../src/policy/index.js';
import { seededRandom } from '../../src/random/index.js';
import { createPolicy, type Evaluate, type EvaluationContext, RunFolder, search, type SearchOptions } from '../../src/search/index.js';
import { formatGenotype, genotypeToJson } from '../../src/space/index.js';
import { segmentation } from '../../src/task/index.js';
import { DivergedError } from '../../src/train/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';

const encoder = await loadEncoder('movenet');
const cache = { count: 1, shapes: [], taps: [], labels: new Uint8Array(), labelSize: [64, 96] } as const;
const context: EvaluationContext = {
  runtime: portable,
  task: segmentation({ classes: 3 }),
  stage1: {
    epochs: 1,
    batch: 1,
    decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 },
    optimiser: { learningRate: 1, weightDecay: 0, clipNorm: 1, polyakDecay: 0.9 },
  },
  train: cache,
  validation: cache,
  threads: 1,
};

/** The share of 3×3 separable convolutions, with a little noise from the candidate's own generator. */
const synthetic: Evaluate = async (_context, genotype, { random }) => {
  const ops = [genotype.cell.first, ...genotype.cell.rounds.flatMap((round) => round.ops)];
  const reward = ops.filter((op) => op === 2).length / ops.length + 0.01 * random.next();
  return {
    reward,
    metrics: { meanIoU: reward },
    loss: 1 - reward,
    steps: 3,
    stage: 1,
    trainSeconds: 0,
    validationSeconds: 0,
    parameters: new Map(),
  };
};

async function runWith(evaluate: Evaluate, options: Partial<SearchOptions> = {}, seed = 1) {
  const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
  await run.writeConfig({ seed });
  const policy = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(seed).fork('policy'));
  const base = { context, policy, run, encoder, classes: ['a', 'b', 'c'], candidates: 6, random: seededRandom(seed) };
  const result = await search({ ...base, ...options }, evaluate);
  return { run, result };
}

describe('the search loop', () => {
  test('records every candidate, and the best one as a network', async () => {
    const { run, result } = await runWith(synthetic);
    const trials = await run.readTrials();
    expect(trials).toEqual(result.trials);
    expect(trials.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const trial of trials) expect(trial.parameters).toBeGreaterThan(1_800_000);
    expect((await readFile(run.path('best.safetensors'))).length).toBeGreaterThan(1_000_000);
  });

  test('repeats itself with the same seed, and differs with another', async () => {
    const text = async (seed: number): Promise<string> =>
      (await readFile((await runWith(synthetic, {}, seed)).run.path('trials.jsonl'), 'utf8')).replace(/"seconds":\{[^}]*\}/g, '');
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

  test.each(['ppo', 'reinforce', 'random'] as const)('%s from the demo preset', async (strategy) => {
    const preset = { ...(await loadPreset('demo')), strategy };
    const policy = await createPolicy(portable, preset, seededRandom(1));
    const { run, result } = await runWith(synthetic, { policy, candidates: 3 });
    expect(result.trials.map(({ genotype }) => genotype).length).toBe(3);
    expect(JSON.parse(await readFile(run.path('controller.json'), 'utf8'))).toEqual(policy.state());
    await policy.close();
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
