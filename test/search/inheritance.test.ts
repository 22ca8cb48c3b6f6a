// Children begin with their parents' weights: which ones, how long the lines are, what is kept on disk, and what becomes of it all on a resume.

import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEncoder } from '../../src/core/model/index.js';
import { choicesOf, Evolution } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  type CandidateJob,
  type Evaluation,
  type Executor,
  inheritanceFrom,
  type InheritanceRule,
  RunFolder,
  search,
} from '../../src/core/search/index.js';
import { formatGenotype } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { evaluationWith } from './evaluation.js';
import { decoderWeights } from './weights.js';

const encoder = await loadEncoder('movenet');
const space = { blocks: 1, rounds: 1 };

/** The reward grows with every op that is 1, and says nothing of weights. */
function evaluationOf({ index, genotype }: CandidateJob): Evaluation {
  const reward = 0.2 + 0.1 * choicesOf(genotype).filter((choice) => choice === 1).length + (index % 7) / 100;
  return evaluationWith(reward, decoderWeights(genotype, index));
}

async function runWith(
  options: {
    run?: RunFolder;
    favourite?: number | undefined;
    rule?: InheritanceRule;
    candidates?: number;
    endAfter?: number;
    slots?: number;
  } = {},
) {
  const {
    run = await RunFolder.create(path.join(await temporaryFolder(), 'run')),
    rule,
    candidates = 30,
    endAfter,
    favourite,
    slots = 1,
  } = options;
  const store = run.openStore();
  const saved = store.resume();
  const jobs: CandidateJob[] = [];
  const abort = new AbortController();
  const executor: Executor = {
    slots,
    evaluate: async (job) => {
      jobs.push(job);
      if (jobs.length === endAfter) abort.abort();
      abort.signal.throwIfAborted();
      const evaluation = evaluationOf(job);
      return job.index === favourite ? { ...evaluation, reward: 0.99 } : evaluation;
    },
    close: async () => {},
  };
  const result = await search({
    run,
    store,
    policy: new Evolution(space, { population: 5, sample: 3 }, seededRandom(1).fork('policy'), saved?.policy),
    executor,
    inheritance: rule ?? { epochs: 1, generations: 2, keep: 6 },
    encoder,
    task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
    decoder: { width: 16, sepRepeats: 1 },
    inputSize: [64, 96],
    seed: 1,
    candidates,
    pending: saved?.pending ?? [],
    signal: abort.signal,
  });
  const events = store.events();
  store.close();
  return { run, result, jobs, events };
}

const weightFiles = (run: RunFolder): Promise<string[]> => readdir(run.path('weights'));
const plain = (trials: readonly object[]): unknown => trials.map((trial) => ({ ...trial, seconds: undefined }));

describe('inheritance', () => {
  test('a child is sent with the weights of its parent, which differs in one decision; lines are as long as they may be', async () => {
    const { result, jobs } = await runWith();
    const inherited = result.trials.filter((trial) => trial.inherited);
    expect(inherited.length).toBeGreaterThan(8);
    expect(new Set(inherited.map((trial) => trial.inherited?.generation))).toEqual(new Set([1, 2]));
    for (const trial of inherited) {
      const parent = result.trials.find(({ index }) => index === trial.inherited?.from);
      const sent = jobs.find(({ index }) => index === trial.index)?.inherited;
      expect(sent?.epochs).toBe(1);
      const { genotype, weights } = inheritanceFrom(sent?.weights ?? new Uint8Array());
      expect(JSON.stringify(parent?.genotype)).toBe(formatGenotype(genotype));
      // In half precision: a thousandth of each.
      for (const [name, values] of decoderWeights(genotype, parent?.index ?? 0)) {
        const apart = values.reduce((most, v, i) => Math.max(most, Math.abs(v - (weights.get(name)?.[i] ?? Number.NaN))), 0);
        expect(apart, name).toBeLessThan(2e-3 * Math.max(1, ...values.map(Math.abs)));
      }
      expect(parent?.inherited?.generation ?? 0).toBe((trial.inherited?.generation ?? 0) - 1);
      const own = choicesOf(jobs.find(({ index }) => index === trial.index)?.genotype ?? genotype);
      expect(choicesOf(genotype).filter((choice, d) => choice !== own[d])).toHaveLength(1);
    }
    // The weights of who is a parent one day have to come, whatever the reward is.
    expect(jobs.every(({ insist }) => insist === true)).toBe(true);
    // Rewards stand beside how they came about; those of the third generation began anew.
    expect(result.trials.some((trial) => trial.inherited === undefined && trial.index > 10)).toBe(true);
  });

  test('no more files than are to be kept, and those of the best', async () => {
    const { run, result } = await runWith({ rule: { epochs: 1, generations: 2, keep: 3 } });
    expect((await weightFiles(run)).length).toBeLessThanOrEqual(4);
    expect(result.trials.length).toBe(30);
  });

  test('ended in the middle and resumed: the same trials and files; what belongs to nothing is removed', async () => {
    const whole = await runWith();
    const begun = await runWith({ endAfter: 13 });
    expect(begun.result.interrupted).toBe(true);
    await writeFile(begun.run.path('weights/left-over.safetensors'), 'x');
    const resumed = await runWith({ run: begun.run });
    expect(plain(resumed.result.trials)).toEqual(plain(whole.result.trials));
    expect((await weightFiles(begun.run)).toSorted()).toEqual((await weightFiles(whole.run)).toSorted());
  });

  test('weights that are damaged or gone: the child begins anew, and that is said', async () => {
    const begun = await runWith({ endAfter: 13 });
    const pending = begun.jobs.at(-1);
    expect(pending?.inherited).toBeDefined();
    for (const name of await weightFiles(begun.run)) await writeFile(begun.run.path(`weights/${name}`), 'damaged');
    const { result, jobs, events } = await runWith({ run: begun.run, candidates: pending?.index ?? 0 });
    expect(jobs[0]).toMatchObject({ index: pending?.index, inherited: undefined });
    expect(result.trials.find(({ index }) => index === pending?.index)?.inherited).toBeUndefined();
    expect(events.filter(({ kind }) => kind === 'weights gone')).toHaveLength(1);
  });

  test('the best one that began anew for want of weights is evaluated again anew', async () => {
    const begun = await runWith({ endAfter: 13 });
    const pending = begun.jobs.at(-1);
    const candidates = pending?.index ?? 0;
    for (const name of await weightFiles(begun.run)) await writeFile(begun.run.path(`weights/${name}`), 'damaged');
    await runWith({ run: begun.run, candidates, favourite: candidates });
    await rm(begun.run.path('best.safetensors'));
    const { result, jobs } = await runWith({ run: begun.run, candidates });
    expect(jobs).toMatchObject([{ index: candidates, inherited: undefined }]);
    expect(result.bestMissing).toBeUndefined();
  });

  test('the best network that has to be evaluated again begins as it did, or stays missing where that is gone', async () => {
    const first = await runWith();
    const best = first.result.trials.reduce((most, trial) => (trial.reward > most.reward ? trial : most));
    expect(best.inherited).toBeDefined();
    await rm(first.run.path('best.safetensors'));
    const again = await runWith({ run: first.run });
    expect(again.jobs).toMatchObject([{ index: best.index, inherited: { epochs: 1 } }]);
    expect(again.result.bestMissing).toBeUndefined();
    await rm(first.run.path('best.safetensors'));
    await rm(first.run.path('weights'), { recursive: true });
    const gone = await runWith({ run: first.run });
    expect(gone.jobs).toEqual([]);
    expect(gone.result.bestMissing).toMatch(/best\.safetensors is not there, and the weights that it began with are gone/);
  });
});
