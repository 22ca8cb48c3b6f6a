// A worker on a queue: it looks which runs are open, works on those that it would evaluate in the same way as everybody else,
// and says why it leaves the others alone.

import { hostname } from 'node:os';
import { UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { encodeSafetensors } from '../model/index.js';
import { parseGenotype } from '../space/index.js';
import { type Executor, ExecutorUnusable } from './executor.js';
import {
  alive,
  connect,
  heartbeatEvery,
  type QueuedResult,
  queuedJobSchema,
  queueName,
  runsKey,
  weightsKey,
  workersKey,
} from './queue-protocol.js';
import { type RunSetting, runSettingSchema } from './run-setting.js';

export interface QueueWorkerOptions {
  readonly url: string;
  /** Candidates at once. */
  readonly slots: number;
  /** Seconds after which the candidates of a worker that is silent go to others. */
  readonly lockSeconds?: number;
  /** How often it looks for searches and says that it is there, in milliseconds. */
  readonly heartbeat?: number;
  /** Why this worker would not evaluate like others, or what it evaluates with. */
  readonly join: (run: string, setting: RunSetting) => Promise<{ readonly refusal: string } | { readonly executor: Executor }>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

const openRunSchema = z.object({ setting: runSettingSchema, seen: z.number() });
/** Progress goes to the search so often at most, in milliseconds. */
const reportEvery = 2000;

/** Works until it is told to stop. */
export async function serveQueue(options: QueueWorkerOptions): Promise<void> {
  const { url, join, say, signal, heartbeat = heartbeatEvery } = options;
  const redis = await connect(url);
  const name = `${hostname()}:${process.pid}`;
  const joined = new Map<string, { readonly worker: Worker; readonly executor: Executor }>();
  const refused = new Set<string>();
  say(`${name}: waiting for searches on ${url}`);
  const leave = async (run: string): Promise<void> => {
    const member = joined.get(run);
    joined.delete(run);
    await member?.worker.close(true).catch(() => {});
    await member?.executor.close();
  };
  try {
    while (!signal.aborted) {
      const open = alive(await redis.hgetall(runsKey), openRunSchema);
      for (const [run, { setting }] of open) {
        if (joined.has(run) || refused.has(run)) continue;
        const answer = await join(run, setting);
        if ('refusal' in answer) {
          refused.add(run);
          say(`${run}: refused, because ${answer.refusal}`);
        } else {
          joined.set(run, { executor: answer.executor, worker: workOn(redis, run, name, answer.executor, options, () => void leave(run)) });
          say(`${run}: joined with ${options.slots} candidate(s) at once`);
        }
      }
      for (const run of [...joined.keys()])
        if (!open.has(run)) {
          await leave(run);
          say(`${run}: the search is over`);
        }
      for (const run of joined.keys()) await redis.hset(workersKey(run), name, JSON.stringify({ slots: options.slots, seen: Date.now() }));
      await pause(heartbeat, signal);
    }
  } finally {
    for (const run of [...joined.keys()]) {
      if (redis.status === 'ready') await redis.hdel(workersKey(run), name);
      await leave(run);
    }
    redis.disconnect();
  }
}

function workOn(redis: Redis, run: string, name: string, executor: Executor, options: QueueWorkerOptions, onUnusable: () => void): Worker {
  const { url, slots, lockSeconds = 30, say, signal } = options;
  const worker = new Worker(
    queueName(run),
    async (job): Promise<QueuedResult> => {
      const { index, genotype, ticket, best } = queuedJobSchema.parse(job.data);
      let reported = 0;
      try {
        const { parameters, breakdown, pictures, ...evaluation } = await executor.evaluate(
          { index, genotype: parseGenotype(genotype), ticket },
          {
            onStep: (report) => {
              if (performance.now() - reported < reportEvery) return;
              reported = performance.now();
              job.updateProgress({ worker: name, ...report }).catch(() => {});
            },
            onEvent: (kind, detail) => say(`#${index}: ${kind}: ${detail}`),
            signal,
          },
        );
        if (best === null || evaluation.reward > best) {
          const tensors = new Map([...parameters].map(([key, data]) => [key, { shape: [data.length], data }]));
          await redis.set(weightsKey(run, index), Buffer.from(encodeSafetensors({ tensors, metadata: {} })), 'EX', 86_400);
        }
        say(`#${index}: reward ${evaluation.reward.toFixed(4)}`);
        return {
          ...evaluation,
          metrics: { ...evaluation.metrics },
          epochs: [...evaluation.epochs],
          rungs: [...evaluation.rungs],
          ...(breakdown && { breakdown }),
          ...(pictures && { pictures: pictures.map((bytes) => Buffer.from(bytes).toString('base64')) }),
          worker: name,
        };
      } catch (error) {
        if (signal.aborted) throw error;
        if (error instanceof ExecutorUnusable) {
          say(`${run}: left, because ${error.message}`);
          onUnusable();
          throw error;
        }
        // The architecture's own fault: nobody need try again.
        throw new UnrecoverableError(reasonOf(error));
      }
    },
    {
      connection: { url, maxRetriesPerRequest: null },
      name,
      concurrency: slots,
      lockDuration: lockSeconds * 1000,
      stalledInterval: lockSeconds * 1000,
      // Each time another worker has fallen silent.
      maxStalledCount: 10,
    },
  );
  worker.on('error', () => {}); // connections come and go
  return worker;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
