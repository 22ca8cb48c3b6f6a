// Workers on a queue, with a real Redis that the tests start: faults of workers and of Redis, and that nothing is lost
// or counted twice. AUXCELL_FAULT_RUNS says how many runs with random faults there are.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { joinNetwork, loadEncoder, readNetwork } from '../../src/core/model/index.js';
import { Evolution, RandomSearch } from '../../src/core/policy/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { bestOf, RunFolder, search, type SearchOptions, type Trial } from '../../src/core/search/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { QueueExecutor } from '../../src/platform/redis/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { freePort, hasRedis, openRedis } from './redis.js';
import { decoderWeights } from './weights.js';

const encoder = await loadEncoder('movenet');
const preset = await loadPreset('demo');
const processes: ChildProcess[] = [];
afterEach(async () => {
  const running = processes.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(running.map((child) => once(child, 'exit')));
});

async function startRedis(port: number): Promise<ChildProcess> {
  const child = await openRedis(port);
  processes.push(child);
  return child;
}

interface WorkerOptions {
  readonly slots?: number;
  readonly milliseconds?: number;
  readonly lockSeconds?: number;
}

function startWorker(url: string, { slots = 2, milliseconds = 30, lockSeconds = 1 }: WorkerOptions = {}) {
  const args = [path.join(import.meta.dirname, 'synthetic-worker.js'), url, slots, milliseconds, lockSeconds].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(...chunk.toString().trim().split('\n')));
  return { child, output };
}

type Setting = Pick<SearchOptions, 'policy' | 'inheritance'> & { readonly seed?: number; readonly signal?: AbortSignal };

async function runSearch(url: string, candidates: number, { seed = 1, signal, policy, inheritance }: Partial<Setting> = {}) {
  const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
  const store = run.openStore();
  const setting = { version: '0', seed, preset, data: '', encoder: '', teacher: null };
  const executor = await QueueExecutor.open({ url, run: `test-${seed}`, setting, lookEvery: 300, heartbeat: 100 });
  const events: string[] = [];
  const result = search({
    run,
    store,
    policy: policy ?? new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(seed)),
    executor,
    inheritance,
    encoder,
    task: { task: 'segmentation', classes: ['a', 'b', 'c'] },
    decoder: { width: 16, sepRepeats: 1 },
    inputSize: [64, 96],
    seed,
    candidates,
    observer: { onEvent: (kind, index, detail) => void events.push(`#${index} ${kind}: ${detail}`) },
    ...(signal && { signal }),
  }).finally(async () => {
    await executor.close();
    store.close();
  });
  return { result, events, run };
}

/** Every candidate once, with the reward that is its own. */
function expectWhole(trials: Awaited<Awaited<ReturnType<typeof runSearch>>['result']>['trials'], candidates: number): void {
  expect(trials.map(({ index }) => index)).toEqual(Array.from({ length: candidates }, (_, k) => k + 1));
  for (const { index, reward, error } of trials) {
    expect(reward).toBe(index % 11 === 0 ? 0 : ((index * 37) % 101) / 101);
    expect(error).toBe(index % 11 === 0 ? 'this one cannot be trained' : undefined);
  }
}

/** best.safetensors holds the best trial's own weights, every one of them. */
async function expectBestNetwork(run: RunFolder, trials: readonly Trial[]): Promise<void> {
  const best = bestOf(trials);
  const { tensors, description } = await readNetwork(run.path('best.safetensors'));
  const genotype = parseGenotype(JSON.stringify(best?.genotype));
  expect(description.genotype).toEqual(genotype);
  const sent = decoderWeights(genotype, best?.index ?? 0);
  const whole = joinNetwork(encoder, sent, { ...description, genotype });
  expect([...tensors.keys()]).toEqual([...whole.tensors.keys()]);
  for (const [name, { data }] of whole.tensors) expect(data, name).toEqual(tensors.get(name)?.data);
  expect([...tensors].some(([name, { data }]) => name.startsWith('decoder.') && data.some((value) => value !== 0 && value !== 1))).toBe(
    true,
  );
}

describe.skipIf(!hasRedis)('a queue of candidates', () => {
  test('workers come at any time; the best weights return', async () => {
    const port = await freePort();
    await startRedis(port);
    const url = `redis://127.0.0.1:${port}`;
    const { result, run } = await runSearch(url, 60);
    const first = startWorker(url, { milliseconds: 150 });
    await sleep(600);
    const second = startWorker(url, { milliseconds: 150 });
    const { trials } = await result;
    expectWhole(trials, 60);
    await expectBestNetwork(run, trials);
    for (const { output } of [first, second]) expect(output.filter((line) => /^#\d+: reward/.test(line)).length).toBeGreaterThan(0);
  });

  test('children begin with the weights of their parents, wherever they are evaluated', async () => {
    const port = await freePort();
    await startRedis(port);
    const url = `redis://127.0.0.1:${port}`;
    const policy = new Evolution({ blocks: 3, rounds: 3 }, { population: 4, sample: 2 }, seededRandom(1));
    const { result, run } = await runSearch(url, 20, { policy, inheritance: { epochs: 2, generations: 3, keep: 100 } });
    const { output } = startWorker(url);
    const { trials } = await result;
    expectWhole(trials, 20);
    const inherited = trials.filter((trial) => trial.inherited);
    expect(inherited.length).toBeGreaterThan(5);
    const said = new Map(
      output.flatMap((line): [number, string][] => {
        const [, index, file] = /^#(\d+) inherits (\w+), 2$/.exec(line) ?? [];
        return index && file ? [[Number(index), `${file}.safetensors`]] : [];
      }),
    );
    // Each child with the very bytes that are kept of its parent.
    const store = run.openStore();
    for (const { index } of inherited) expect(said.get(index), `#${index}`).toBe(store.proposal(index)?.ticket?.inherited?.file);
    store.close();
  });

  test('a worker that would evaluate otherwise says so and leaves the run alone', async () => {
    const port = await freePort();
    await startRedis(port);
    const url = `redis://127.0.0.1:${port}`;
    const abort = new AbortController();
    const { result } = await runSearch(url, 4, { seed: 666, signal: abort.signal });
    const { output } = startWorker(url);
    const refusal = 'test-666: refused, because the data in ./data is not the search’s';
    await expect.poll(() => output, { timeout: 30_000 }).toContain(refusal);
    abort.abort();
    expect((await result).trials).toHaveLength(0);
  });

  test('no Redis: an error that says so', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(runSearch(url, 1)).rejects.toThrow(/no Redis answers there/);
    await expect(runSearch('http://127.0.0.1', 1)).rejects.toThrow(/expected redis:/);
  });

  test('faults at random times: a worker killed, one stopped for longer than its lock, one late, Redis killed and restarted', async () => {
    const runs = Number(process.env['AUXCELL_FAULT_RUNS'] ?? 3);
    for (let k = 0; k < runs; k++) {
      const random = seededRandom(k);
      const port = await freePort();
      const redis = await startRedis(port);
      const url = `redis://127.0.0.1:${port}`;
      const { result, events, run } = await runSearch(url, 40, { seed: k });
      const [killed, stopped] = [startWorker(url), startWorker(url)];
      const later = (milliseconds: number, act: () => unknown): Promise<unknown> => sleep(milliseconds).then(act);
      const faults = [
        later(600 + 900 * random.next(), () => killed.child.kill('SIGKILL')),
        later(600 + 900 * random.next(), async () => {
          stopped.child.kill('SIGSTOP');
          await sleep(2500);
          stopped.child.kill('SIGCONT');
        }),
        later(300 + 900 * random.next(), () => startWorker(url)),
        later(600 + 900 * random.next(), async () => {
          redis.kill('SIGKILL');
          await sleep(400 * random.next());
          await startRedis(port);
        }),
      ];
      const { trials } = await result;
      expectWhole(trials, 40);
      await expectBestNetwork(run, trials);
      await Promise.all(faults);
      expect(events.length).toBeLessThan(200);
      for (const child of processes.splice(0)) child.kill('SIGKILL');
    }
  }, 600_000);
});
