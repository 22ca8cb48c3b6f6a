// Workers that die, hang and fail; the real ones are tried by the commands' tests.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { loadPreset } from '../../src/core/preset/index.js';
import type { JobObserver } from '../../src/core/search/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { LocalWorkers } from '../../src/platform/node/workers/index.js';
import { temporaryFolder } from '../data/fixtures.js';

const program = pathToFileURL(path.join(import.meta.dirname, 'lost-worker.js'));
const genotype = parseGenotype('[[9],[[0,1]]]');

/** @param silenceSeconds more than a worker takes to begin on a busy machine, but where silence is what is tried */
async function workers(count: number, { candidatesPerWorker = 20, silenceSeconds = 30 } = {}): Promise<LocalWorkers> {
  const marker = path.join(await temporaryFolder(), 'marker');
  const setting = { preset: await loadPreset('demo'), data: marker, seed: 1, encoder: '', taps: '', threads: 1 };
  return new LocalWorkers(setting, { workers: count, silenceSeconds, candidatesPerWorker, retryDelay: 10, program });
}

const evaluate = (pool: LocalWorkers, index: number, observer: JobObserver = {}) => pool.evaluate({ index, genotype }, observer);

test('a worker that dies or falls silent is replaced, its candidate tried once more', async () => {
  const pool = await workers(2, { silenceSeconds: 1.5 });
  const events: string[] = [];
  const onEvent = (kind: string, detail: string): void => void events.push(`${kind}: ${detail}`);
  const [died, hung] = await Promise.all([evaluate(pool, 1, { onEvent }), evaluate(pool, 2, { onEvent })]);
  expect(died.parameters.get('decoder.x')).toEqual(Float32Array.of(1, 2, 1));
  expect(hung.parameters.get('decoder.x')).toEqual(Float32Array.of(1, 2, 2));
  expect(events.toSorted()).toEqual([
    expect.stringMatching(
      /^worker lost: process \d+: the worker process was killed \(SIGKILL\), probably out of memory: fewer workers or a smaller batch$/,
    ),
    expect.stringMatching(/^worker lost: process \d+: the worker process said nothing for 1\.5 s$/),
  ]);
  await pool.close();
});

test('twice is the end of it, with the reason', async () => {
  const pool = await workers(1, { silenceSeconds: 1.5 });
  // Not the architecture's own failure: whose it is the search tells.
  const error = (message: string) => expect.objectContaining({ name: 'MachineError', suspect: true, message });
  await expect(evaluate(pool, 3)).rejects.toEqual(error('the worker process ended (exit code 7), 2 times'));
  await expect(evaluate(pool, 4)).rejects.toEqual(error('the worker process said nothing for 1.5 s, 2 times'));
  // And the next one finds a worker all the same.
  expect((await evaluate(pool, 6)).firstReward).toBe(0.5);
  await pool.close();
});

test('a fault of the machine is waited out, on another worker; if it stays, the candidate has no part in it', async () => {
  const pool = await workers(1);
  const events: string[] = [];
  const onEvent = (kind: string, detail: string): void => void events.push(`${kind}: ${detail}`);
  // A worker that dies before it has the candidate in hand, and a disk that recovers.
  expect((await evaluate(pool, 8, { onEvent })).firstReward).toBe(0.5);
  expect((await evaluate(pool, 12, { onEvent })).firstReward).toBe(0.5);
  expect(events).toEqual([expect.stringMatching(/^machine: .*killed \(SIGKILL\)/), expect.stringMatching(/^machine: .*EIO/)]);
  await expect(evaluate(pool, 11)).rejects.toEqual(
    expect.objectContaining({ name: 'MachineError', suspect: false, message: 'ENOSPC: no space left on device, write, 4 times' }),
  );
  await pool.close();
});

test('a worker that died while it had nothing to do is no loss to the next candidate', async () => {
  const pool = await workers(1);
  const { worker } = await evaluate(pool, 6);
  process.kill(Number(worker.replace('process ', '')), 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const events: string[] = [];
  expect((await evaluate(pool, 7, { onEvent: (kind) => void events.push(kind) })).worker).not.toBe(worker);
  expect(events).toEqual([]);
  await pool.close();
});

test("an architecture's own failure is not tried again, and the worker stays", async () => {
  const pool = await workers(1);
  const before = await evaluate(pool, 6);
  await expect(evaluate(pool, 5)).rejects.toThrow(/^the loss became NaN$/);
  expect((await evaluate(pool, 7)).worker).toBe(before.worker);
  await pool.close();
});

test('workers are replaced after some candidates', async () => {
  const pool = await workers(1, { candidatesPerWorker: 2 });
  const names = [];
  for (const index of [6, 7, 8, 9, 10]) names.push((await evaluate(pool, index)).worker);
  expect(new Set(names).size).toBe(3);
  await pool.close();
});

test('an interruption ends what is in hand', async () => {
  const pool = await workers(1);
  const abort = new AbortController();
  const pending = evaluate(pool, 4, { signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  await expect(pending).rejects.toThrow(/aborted/);
  await pool.close();
});
