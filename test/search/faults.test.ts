// Whose fault it is: the machine's never becomes an architecture's reward, an architecture's never ends the search, and
// best.safetensors is a whole network or as it was.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/data/index.js';
import { loadEncoder, readNetwork } from '../../src/core/model/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import {
  bestOf,
  type CandidateJob,
  EarlyStop,
  type Evaluation,
  type Executor,
  failureSummary,
  MachineError,
  machineErrorOf,
  RunFolder,
  scoreFault,
  search,
  type SearchOptions,
  Suspicion,
} from '../../src/core/search/index.js';
import { RandomSearch } from '../../src/core/policy/index.js';
import { canonicalKey, parseGenotype } from '../../src/core/space/index.js';
import { DivergedError } from '../../src/core/train/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { evaluationWith } from './evaluation.js';
import { decoderWeights } from './weights.js';

const encoder = await loadEncoder('movenet');

function evaluationOf({ index, genotype }: CandidateJob, changes: Partial<Evaluation> = {}): Evaluation {
  return evaluationWith(changes.reward ?? ((index * 37) % 101) / 101, decoderWeights(genotype, index), changes);
}

type Act = (job: CandidateJob, attempt: number) => Evaluation;

/** @param act what becomes of a candidate the n-th time, from 1 */
async function runWith(act: Act, { slots = 1, candidates = 6, run: old, ...options }: Partial<SearchOptions> & { slots?: number } = {}) {
  const run = old ?? (await RunFolder.create(path.join(await temporaryFolder(), 'run')));
  const store = run.openStore();
  const saved = store.resume();
  const attempts = new Map<number, number>();
  const jobs: CandidateJob[] = [];
  const executor: Executor = {
    slots,
    evaluate: async (job) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      jobs.push(job);
      attempts.set(job.index, (attempts.get(job.index) ?? 0) + 1);
      return act(job, attempts.get(job.index) ?? 0);
    },
    close: async () => {},
  };
  const observed: number[] = [];
  const random = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(1).fork('policy'), saved?.policy);
  const policy = {
    name: 'random',
    propose: () => random.propose(),
    observe: async (_: unknown, reward: number) => {
      observed.push(reward);
      return {};
    },
    state: () => random.state(),
    close: async () => {},
  };
  const outcome = await search({
    run,
    store,
    policy,
    executor,
    encoder,
    task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
    decoder: { width: 16, sepRepeats: 1 },
    inputSize: [64, 96],
    seed: 1,
    candidates,
    pending: saved?.pending ?? [],
    ...options,
  }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  const events = store.events().map(({ kind, trial }) => `${kind} ${trial}`);
  store.close();
  return { ...outcome, run, observed, jobs, events };
}

const withCode = (code: string): Error => Object.assign(new Error(`${code}: something, write`), { code });

describe('errors of the machine', () => {
  test('are told from those of an architecture', () => {
    for (const code of ['ENOSPC', 'EIO', 'EMFILE', 'ENOENT', 'ECONNREFUSED', 'SQLITE_FULL'])
      expect(machineErrorOf(withCode(code)), code).toMatchObject({ suspect: false });
    expect(machineErrorOf(new DataError('a.png: cannot be read'))).toMatchObject({ suspect: false });
    expect(machineErrorOf(new Error('wrapped', { cause: withCode('EIO') }))).toMatchObject({ suspect: false });
    for (const error of [withCode('ENOMEM'), new Error('std::bad_alloc'), new RangeError('Array buffer allocation failed')])
      expect(machineErrorOf(error), error.message).toMatchObject({ suspect: true });
    for (const error of [new DivergedError('the loss became NaN'), new Error('Conv is not implemented for this'), new RangeError('x')])
      expect(machineErrorOf(error), error.message).toBeUndefined();
  });

  test('a full disk pauses the search with its reason; strategy and record never see it; it goes on where it was', async () => {
    const { run, error, observed } = await runWith((job) => {
      if (job.index === 3) throw withCode('ENOSPC');
      return evaluationOf(job);
    });
    expect(error).toMatchObject({
      name: 'SearchPaused',
      message: expect.stringMatching(/run: architecture #3 .*ENOSPC.*resume the search$/),
    });
    expect(observed).toHaveLength(2);
    expect((await run.readTrials()).map(({ index }) => index)).toEqual([1, 2]);
    const untouched = await runWith((job) => evaluationOf(job));
    const again = await runWith((job) => evaluationOf(job), { run });
    const seconds = { training: 0, validation: 0 };
    expect(again.result?.trials.map((trial) => ({ ...trial, seconds }))).toEqual(
      untouched.result?.trials.map((trial) => ({ ...trial, seconds })),
    );
  });

  test.each([1, 2])('an architecture that always ends its worker scores 0 once others could be evaluated (%d at once)', async (slots) => {
    const { result, observed, jobs, events } = await runWith(
      (job) => {
        if (job.index === 2) throw new MachineError('the worker process was killed (SIGKILL)', true);
        return evaluationOf(job);
      },
      { slots },
    );
    expect(result?.trials).toHaveLength(6);
    expect(result?.trials[1]).toMatchObject({
      reward: 0,
      error: 'the worker process was killed (SIGKILL), while others could be evaluated',
    });
    expect(result?.trials.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(jobs.filter(({ index }) => index === 2)).toHaveLength(2);
    expect(events).toContain('postponed 2');
    expect(observed.filter((reward) => reward === 0)).toHaveLength(1);
  });

  test('a machine that is short of memory for a while costs no architecture its reward', async () => {
    const { result } = await runWith((job, attempt) => {
      if ((job.index === 2 || job.index === 3) && attempt === 1) throw new MachineError('killed', true);
      return evaluationOf(job);
    });
    expect(result?.trials.map(({ error }) => error)).toEqual(Array(6).fill(undefined));
  });

  test('one that stays short of it pauses the search after three different ones', async () => {
    const { error, observed, jobs } = await runWith((job) => {
      if (job.index > 2) throw new MachineError('killed', true);
      return evaluationOf(job);
    });
    expect(error).toMatchObject({ name: 'SearchPaused' });
    expect(observed).toHaveLength(2);
    expect(jobs.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  });

  test('the last one: paused at first, then, lost again in another session, its own fault', async () => {
    const act: Act = (job) => {
      if (job.index === 6) throw new MachineError('killed', true);
      return evaluationOf(job);
    };
    const first = await runWith(act);
    expect(first.error).toMatchObject({ name: 'SearchPaused' });
    // As local workers note it, for each of two tries.
    const store = first.run.openStore();
    for (let k = 0; k < 4; k++) store.note('worker lost', 6, 'killed');
    store.close();
    const second = await runWith(act, { run: first.run });
    expect(second.result?.trials[5]).toMatchObject({ reward: 0, error: 'killed, while others could be evaluated' });
  });

  test('equal networks of one that is postponed wait with it', async () => {
    const genotypes = ['[[9],[[0,1]]]', '[[9],[[0,1]]]', '[[9],[[2,2]]]', '[[9],[[3,3]]]'].map(parseGenotype);
    expect(canonicalKey(genotypes[0] ?? parseGenotype('[[1],[[0,1]]]'))).not.toBe(
      canonicalKey(genotypes[2] ?? parseGenotype('[[1],[[0,1]]]')),
    );
    for (const slots of [1, 3]) {
      let next = 0;
      const policy = {
        name: 'list',
        propose: async () => ({ genotype: genotypes[next++] ?? parseGenotype('[[1],[[0,1]]]') }),
        observe: async () => ({}),
        state: () => ({}),
        close: async () => {},
      };
      const { result } = await runWith(
        (job, attempt) => {
          if (job.index === 1 && attempt === 1) throw new MachineError('killed', true);
          return evaluationOf(job);
        },
        { policy, slots, candidates: 4 },
      );
      expect(result?.trials.map(({ index, error }) => [index, error])).toEqual([1, 2, 3, 4].map((index) => [index, undefined]));
      expect(result?.trials.filter(({ reusedFrom }) => reusedFrom !== undefined)).toHaveLength(1);
    }
  });

  test('suspicion: later, then whose fault it is', () => {
    const suspicion = new Suspicion();
    expect(suspicion.judge(1)).toBe('later');
    expect(suspicion.mayComeAgain(1)).toBe(false);
    suspicion.evaluated();
    expect(suspicion.mayComeAgain(1)).toBe(true);
    expect(suspicion.judge(2)).toBe('later');
    expect(suspicion.judge(1)).toBe('architecture');
    expect(suspicion.judge(2)).toBe('machine');
    expect(new Suspicion().judge(1, true)).toBe('architecture');
  });

  test('failures are counted by their reasons', async () => {
    const { result } = await runWith((job) => {
      if (job.index % 2 === 0) throw new DivergedError(`the loss became NaN at step ${job.index} of 10`);
      if (job.index === 3) throw new Error('something else');
      return evaluationOf(job);
    });
    expect(failureSummary(result?.trials ?? [])).toBe(
      '4 of 6 architectures failed:\n  3 × the loss became NaN at step 2 of 10 (or the like)\n  1 × something else',
    );
    expect(failureSummary([])).toBeUndefined();
  });
});

describe('results', () => {
  test.each([
    [{ reward: Number.NaN }, 'its reward is NaN, not in 0 … 1'],
    [{ reward: 1.5 }, 'its reward is 1.5, not in 0 … 1'],
    [{ firstReward: -0.1 }, "its first stage's reward is -0.1, not in 0 … 1"],
    [{ rungs: [{ epoch: 2, reward: Number.POSITIVE_INFINITY }] }, 'its reward after epoch 2 is Infinity, not in 0 … 1'],
    [{ loss: Number.NaN }, 'its loss is NaN'],
  ])('%o scores 0', async (changes, fault) => {
    const { result, observed } = await runWith((job) => evaluationOf(job, job.index === 2 ? changes : {}), { candidates: 2 });
    expect(result?.trials[1]).toMatchObject({ reward: 0, error: fault });
    expect(observed[1]).toBe(0);
    expect(scoreFault(evaluationOf({ index: 1, genotype: parseGenotype('[[9],[[0,1]]]') }))).toBeUndefined();
  });

  const damages: [string, (weights: Map<string, Float32Array>) => Map<string, Float32Array>][] = [
    ['none at all', () => new Map()],
    ["another network's names", () => new Map([['decoder.x', Float32Array.of(1)]])],
    ['one of another size', (weights) => new Map([...weights].map(([name, data], i) => [name, i === 0 ? data.slice(1) : data]))],
    ['a NaN', (weights) => new Map([...weights].map(([name, data], i) => [name, i === 0 ? data.fill(Number.NaN, 0, 1) : data]))],
  ];
  test.each(damages)('weights that are no use (%s): the reward counts, and the best network is evaluated again', async (_, damage) => {
    const act: Act = (job, attempt) => {
      const whole = evaluationOf(job);
      return job.index === 2 && attempt === 1 ? { ...whole, reward: 1, parameters: damage(new Map(whole.parameters)) } : whole;
    };
    const { run, result, jobs, events } = await runWith(act, { candidates: 3 });
    expect(bestOf(result?.trials ?? [])).toMatchObject({ index: 2, reward: 1 });
    expect(result?.bestMissing).toBeUndefined();
    expect(jobs.map(({ index, insist }) => [index, insist])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [2, true],
    ]);
    expect(events).toEqual(['weights lost 2', 'best again 2']);
    await expectNetwork(run, 2);
  });

  test('weights that never come: the file stays what it was, and the search says so', async () => {
    const { run, result } = await runWith(
      (job) => (job.index === 2 ? evaluationOf(job, { reward: 1, parameters: new Map() }) : evaluationOf(job)),
      {
        candidates: 3,
      },
    );
    expect(result?.bestMissing).toMatch(/^decoder\..*: this weight of .* is missing$/);
    await expectNetwork(run, bestOf((result?.trials ?? []).filter(({ index }) => index === 1))?.index ?? 0);
  });

  test('a best network with a flipped bit is evaluated again when the search is resumed', async () => {
    const { run, result } = await runWith((job) => evaluationOf(job), { candidates: 3 });
    const best = bestOf(result?.trials ?? [])?.index ?? 0;
    await expectNetwork(run, best);
    const file = run.path('best.safetensors');
    for (const at of [-5, 600]) {
      const bytes = await readFile(file);
      const place = at < 0 ? bytes.length + at : at;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      await writeFile(file, bytes);
      await expect(readNetwork(file)).rejects.toThrow(file);
      const again = await runWith((job) => evaluationOf(job), { run, candidates: 3 });
      expect(again.jobs.map(({ index, insist }) => [index, insist])).toEqual([[best, true]]);
      await expectNetwork(run, best);
    }
  });

  test('a trial that is gone from the database is no result that nobody misses', async () => {
    const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
    const { error } = await runWith(
      (job) => {
        if (job.index === 2) {
          const db = new Database(run.path('search.db'));
          db.prepare('DELETE FROM trials WHERE idx = 2').run();
          db.close();
        }
        return evaluationOf(job);
      },
      { run },
    );
    expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(/#2 is no longer in search\.db/) });
  });

  test('a null in a record, where there was a NaN, does not make a run unreadable', async () => {
    const { run } = await runWith((job) => evaluationOf(job, { metrics: { meanIoU: 0.5, odd: Number.NaN } }), { candidates: 2 });
    const db = new Database(run.path('search.db'));
    db.prepare(
      `UPDATE trials SET record = json_set(record, '$.policy', json('{"entropy":null,"baseline":null}'), '$.reward', null) WHERE idx = 1`,
    ).run();
    db.close();
    const [first, second] = await run.readTrials();
    expect(first).toMatchObject({ reward: 0, metrics: { meanIoU: 0.5 } });
    expect(first?.policy.entropy).toBeUndefined();
    expect(second?.metrics).toEqual({ meanIoU: 0.5 });
  });

  test.each([
    ['a null in it', "json_set(policy, '$.random.seed', null)", /random\.seed: .*received null/],
    ['no JSON', 'substr(policy, 1, 20)', /all of it/],
  ])(
    "a strategy's stored state with %s: the search does not go on from a guess, and its results stay readable",
    async (_, damage, where) => {
      const { run } = await runWith((job) => evaluationOf(job), { candidates: 2 });
      const db = new Database(run.path('search.db'));
      db.prepare(`UPDATE snapshots SET policy = ${damage}`).run();
      db.close();
      await expect(runWith((job) => evaluationOf(job), { run })).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(where),
      });
      expect((await run.readTrials()).map(({ index }) => index)).toEqual([1, 2]);
      const stop = new EarlyStop({ halving: { rungs: [1], eta: 2 }, learningCurveStop: undefined }, { halving: [[0.5]] });
      expect(stop.state()).toEqual({ halving: [[0.5]] });
      expect(() => new EarlyStop({ halving: { rungs: [1], eta: 2 }, learningCurveStop: undefined }, { halving: [[null]] })).toThrow(
        /ends candidates early cannot be read \(halving\.0\.0/,
      );
    },
  );

  test('an update that the strategy dropped is said', async () => {
    const policy = {
      name: 'broken',
      propose: async () => ({ genotype: parseGenotype('[[9],[[0,1]]]') }),
      observe: async () => ({ dropped: 2 }),
      state: () => ({}),
      close: async () => {},
    };
    const { result, events } = await runWith((job) => evaluationOf(job), { policy, candidates: 1 });
    expect(events).toEqual(['update dropped 1']);
    expect(result?.trials[0]?.policy).toEqual({});
  });
});

test('what halving cut short does not enter the running value of the progressive stop', async () => {
  const { stage2 } = await loadPreset('camvid-two-stage');
  const progressiveStop = { decay: 0.9, initial: 0.5, tolerance: 0, multipliers: {} };
  const ticket = { progressive: { running: 0.5, decay: 0.9, share: 0 }, halving: [{ epoch: 1, threshold: 0.4 }] };
  const after = (firstReward: number, reward: number): unknown => {
    const stop = new EarlyStop({ progressiveStop, stage2, halving: { rungs: [1], eta: 2 } });
    stop.observe({ firstReward, rungs: [{ epoch: 1, reward }] }, ticket);
    return stop.state();
  };
  expect(after(0.1, 0.1)).toEqual({ progressive: { running: 0.5, evaluations: 0 }, halving: [[0.1]] });
  expect(after(0.7, 0.6)).toEqual({ progressive: { running: expect.closeTo(0.52), evaluations: 1 }, halving: [[0.6]] });
});

/** The file is the network of this trial, with its own weights. */
async function expectNetwork(run: RunFolder, index: number): Promise<void> {
  const trial = (await run.readTrials()).find((candidate) => candidate.index === index);
  const genotype = parseGenotype(JSON.stringify(trial?.genotype));
  const { tensors, description } = await readNetwork(run.path('best.safetensors'));
  expect(description.genotype).toEqual(genotype);
  const own = decoderWeights(genotype, index);
  for (const [name, { data }] of tensors) if (name.startsWith('decoder.')) expect(data, name).toEqual(own.get(name) ?? data.map(() => 0));
}
