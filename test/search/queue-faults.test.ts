// What stands in Redis is not to be trusted, Redis may be full, and clocks are wrong: with a real Redis that the tests start.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { loadPreset } from '../../src/core/preset/index.js';
import { type Executor, MachineError, printable, printableUrl } from '../../src/core/search/index.js';
import { makeWorkerFolder, removeDeadFolders } from '../../src/platform/node/workers/index.js';
import { QueueExecutor, serveQueue } from '../../src/platform/redis/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { freePort, hasRedis, openRedis } from './redis.js';
import { evaluationWith } from './evaluation.js';
import { decoderWeights } from './weights.js';

const setting = { version: '0', seed: 1, preset: await loadPreset('demo'), data: '', encoder: '', teacher: null };
const genotype = parseGenotype('[[9],[[0,1]]]');
const run = 'test-faults';
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startRedis(more: readonly string[] = []): Promise<{ url: string; client: Redis }> {
  const port = await freePort();
  const child: ChildProcess = await openRedis(port, more);
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url);
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return { url, client };
}

async function openExecutor(url: string) {
  const said: string[] = [];
  const executor = await QueueExecutor.open({ url, run, setting, lookEvery: 100, heartbeat: 100, say: (text) => said.push(text) });
  cleanups.push(() => executor.close());
  return { executor, said };
}

/** A worker in this process. */
function serve(url: string, evaluate: Executor['evaluate'], join = true) {
  const said: string[] = [];
  const abort = new AbortController();
  const served = serveQueue({
    url,
    slots: 1,
    lockSeconds: 5,
    heartbeat: 100,
    join: async () => (join ? { executor: { slots: 1, evaluate, close: async () => {} } } : { refusal: '\u001b[2Jnot mine' }),
    say: (text) => said.push(text),
    signal: abort.signal,
  });
  cleanups.push(async () => {
    abort.abort();
    await served;
  });
  return { said, stop: () => abort.abort(), served };
}

const evaluation = (reward: number, parameters = decoderWeights(genotype, 1)) => evaluationWith(reward, parameters);

describe.skipIf(!hasRedis)('a queue in trouble', () => {
  test('Redis is full: the worker waits with its weights and says so, and nothing is scored 0', async () => {
    const { url, client } = await startRedis(['--maxmemory', '6mb', '--maxmemory-policy', 'noeviction']);
    const { executor } = await openExecutor(url);
    let evaluated = 0;
    const big = new Map([['decoder.big', new Float32Array(2_500_000).fill(0.5)]]);
    const { said } = serve(url, async () => {
      evaluated++;
      // From now on there is no room, for the result either.
      if (evaluated === 1) await client.config('SET', 'maxmemory', '1mb');
      return evaluation(0.75, big);
    });
    const result = executor.evaluate({ index: 1, genotype }, {});
    await expect.poll(() => said.join('\n'), { timeout: 20_000 }).toMatch(/weights \(9\.5 MiB\) are waiting to be sent: Redis is full/);
    await client.config('SET', 'maxmemory', '64mb');
    const { reward, parameters } = await result;
    expect(reward).toBe(0.75);
    expect(parameters.get('decoder.big')?.length).toBe(2_500_000);
    expect(evaluated).toBe(1);
    // And the worker works on.
    expect((await executor.evaluate({ index: 2, genotype }, {})).reward).toBe(0.75);
  }, 60_000);

  test('a full Redis on the side of the search: it waits, says so, and puts the candidate in later', async () => {
    const { url, client } = await startRedis(['--maxmemory-policy', 'noeviction']);
    const { executor, said } = await openExecutor(url);
    await client.config('SET', 'maxmemory', '1mb');
    const result = executor.evaluate({ index: 1, genotype }, {});
    await expect.poll(() => said.join('\n'), { timeout: 20_000 }).toMatch(/Redis is full: waiting until it has room/);
    await client.config('SET', 'maxmemory', '0');
    serve(url, async () => evaluation(0.5));
    expect((await result).reward).toBe(0.5);
  }, 60_000);

  test.each([-20_000, 20_000, 3_600_000])(
    'a worker whose clock is wrong by %d ms works',
    async (skew) => {
      const { url } = await startRedis();
      const { executor } = await openExecutor(url);
      const program = path.join(import.meta.dirname, 'synthetic-worker.js');
      const child = spawn(process.execPath, [program, url, '3', '1', '5'], {
        stdio: 'ignore',
        env: { ...process.env, AUXCELL_CLOCK_SKEW: String(skew) },
      });
      cleanups.push(async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      });
      const { worker } = await executor.evaluate({ index: 1, genotype }, {});
      expect(worker).toMatch(new RegExp(`:${child.pid}$`));
      // Its slots count.
      await expect.poll(() => executor.slots, { timeout: 10_000 }).toBe(3);
    },
    60_000,
  );

  test('what is no result is asked for again, and is no reward', async () => {
    const { url, client } = await startRedis();
    const { executor } = await openExecutor(url);
    const answers: unknown[] = [
      { reward: 7 },
      { reward: null },
      'nonsense',
      { ...evaluation(0.5), reward: 0.5, kind: 'evaluated', worker: '\u001b[31mred\u202e', parameters: undefined },
    ];
    // A worker that answers as it likes.
    const hostile = new Worker(
      `auxcell-${run}`,
      async (job) => {
        const answer = answers[0];
        if (answers.length > 1) answers.shift();
        const text =
          typeof answer === 'string' ? answer : JSON.stringify({ kind: 'evaluated', ...evaluation(0.1), worker: 'w', ...Object(answer) });
        await client.set(`auxcell:${run}:result:${job.id}`, text);
        await client.set(`auxcell:${run}:weights:${job.id}`, 'no weights');
        return null;
      },
      { connection: { url, maxRetriesPerRequest: null } },
    );
    hostile.on('error', () => {});
    cleanups.push(() => hostile.close(true));
    const events: string[] = [];
    const observer = { onEvent: (kind: string, detail: string) => void events.push(`${kind}: ${detail}`) };
    await expect(executor.evaluate({ index: 1, genotype }, observer)).rejects.toMatchObject({ name: 'MachineError', suspect: true });
    expect(events).toEqual([
      'bad result: w sent what is no result: its reward is 7, not in 0 … 1',
      expect.stringMatching(/^bad result: a worker sent what is no result: /),
      expect.stringMatching(/^bad result: a worker sent what is no result: /),
    ]);
    const result = await executor.evaluate({ index: 2, genotype }, observer);
    expect(result).toMatchObject({ reward: 0.5, worker: '\\u{1b}[31mred\\u{202e}' });
    expect(result.parameters.size).toBe(0);
    expect(events.at(-1)).toMatch(/^bad weights: .*not a readable safetensors file/);
  }, 60_000);

  test('no name and no text ends a worker, or reaches the terminal as it is', async () => {
    const { url, client } = await startRedis();
    const names = ['a:b', '\u001b[2J', 'x'.repeat(5000), '../../etc'];
    for (const name of names) {
      await client.hset('auxcell:runs', name, JSON.stringify({ setting }));
      await client.set(`auxcell:${name}:open`, '1');
    }
    await client.hset('auxcell:runs', 'broken', '{"setting": 1');
    await client.set('auxcell:broken:open', '1');
    const { said } = serve(url, async () => evaluation(0.5), false);
    const { executor } = await openExecutor(url);
    await expect.poll(() => said.join('\n'), { timeout: 20_000 }).toContain(`${run}: refused, because \\u{1b}[2Jnot mine`);
    const strange = () => said.filter((text) => text.includes('that is no name of a search'));
    await expect.poll(strange, { timeout: 20_000 }).toHaveLength(4);
    for (const text of said) {
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(text.length).toBeLessThan(3000);
    }
    expect(executor.slots).toBe(1);
  }, 60_000);

  test('a fault of its machine: the worker leaves the run to others, and the candidate is not scored', async () => {
    const { url } = await startRedis();
    const { executor } = await openExecutor(url);
    const { said } = serve(url, async () => {
      throw new MachineError('ENOSPC: no space left on device', false);
    });
    const result = executor.evaluate({ index: 1, genotype }, {});
    await expect.poll(() => said.join('\n'), { timeout: 20_000 }).toMatch(/test-faults: left for 60 s, because ENOSPC/);
    serve(url, async () => evaluation(0.25));
    expect((await result).reward).toBe(0.25);
  }, 60_000);

  test("results of an earlier session are not taken for this one's", async () => {
    const { url, client } = await startRedis();
    const first = await openExecutor(url);
    const abort = new AbortController();
    const asked = first.executor.evaluate({ index: 1, genotype }, { signal: abort.signal });
    const queue = new Queue(`auxcell-${run}`, { connection: { url, maxRetriesPerRequest: null } });
    cleanups.push(() => queue.close());
    await expect.poll(async () => (await queue.getJobs()).length, { timeout: 10_000 }).toBe(1);
    const [job] = await queue.getJobs();
    abort.abort();
    await expect(asked).rejects.toThrow();
    await first.executor.close();
    // Its worker is late.
    const late = { kind: 'evaluated', ...evaluation(0.9), parameters: undefined, worker: 'late' };
    await client.set(`auxcell:${run}:result:${job?.id}`, JSON.stringify(late));
    const second = await openExecutor(url);
    serve(url, async () => evaluation(0.3));
    expect((await second.executor.evaluate({ index: 1, genotype }, {})).reward).toBe(0.3);
  }, 60_000);
});

test('passwords are not printed, whatever is wrong with the address', async () => {
  expect(printableUrl('redis://user:secret@host:6379/1?password=secret&x=1')).toBe('redis://user:***@host:6379/1?password=***&x=1');
  expect(printableUrl('redis://:secret@host')).toBe('redis://:***@host');
  expect(printableUrl('redis://host:6379')).toBe('redis://host:6379');
  expect(printableUrl('redis://:sec ret@ho st')).toBe('redis://:***@ho st');
  for (const url of ['http://u:secret@127.0.0.1', 'redis://u:secret@ho st', `redis://u:secret@127.0.0.1:${await freePort()}`]) {
    const error = await QueueExecutor.open({ url, run, setting }).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/queue .*u:\*\*\*@/);
    expect(String(error)).not.toContain('secret');
  }
  expect(printable('a\u0000b\n\u202ec')).toBe('a\\u{0}b\\u{a}\\u{202e}c');
});

test("folders of dead workers are removed by the next one, others' are not", async () => {
  const parent = await temporaryFolder();
  const alive = await makeWorkerFolder(parent);
  await mkdir(path.join(parent, 'auxcell-worker-of-an-older-version'));
  const program = `import('${path.join(import.meta.dirname, '..', '..', 'dist', 'platform', 'node', 'workers', 'index.js')}').then(async (m) => { await m.makeWorkerFolder(process.argv[1]); process.kill(process.pid, 'SIGKILL'); });`;
  const child = spawn(process.execPath, ['-e', program, parent], { stdio: 'inherit' });
  await once(child, 'exit');
  expect(await readdir(parent)).toHaveLength(3);
  expect(await removeDeadFolders(parent)).toHaveLength(1);
  expect((await readdir(parent)).toSorted()).toEqual([path.basename(alive.folder), 'auxcell-worker-of-an-older-version'].toSorted());
  expect(await removeDeadFolders(parent)).toEqual([]);
  await alive.remove();
  expect(await readdir(parent)).toHaveLength(1);
});
