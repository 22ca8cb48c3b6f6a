// Candidates on a queue: workers on any machine take them (BullMQ on Redis). Results come by events; because events, and
// the whole queue, can be lost with Redis, every candidate in hand is also looked after now and then, and put back
// where it is gone.

import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { decodeSafetensors } from '../model/index.js';
import { formatGenotype } from '../space/index.js';
import type { Evaluation } from './evaluate.js';
import type { CandidateJob, Executor, JobObserver } from './executor.js';
import {
  alive,
  connect,
  heartbeatEvery,
  type QueuedJob,
  type QueuedResult,
  queuedResultSchema,
  queueName,
  runsKey,
  stepSchema,
  weightsKey,
  workersKey,
} from './queue-protocol.js';
import type { RunSetting } from './run-setting.js';

export interface QueueExecutorOptions {
  readonly url: string;
  /** Names the run among others on the same Redis. */
  readonly run: string;
  readonly setting: RunSetting;
  /** How often candidates in hand are looked after, and how often the run says that it is open, in milliseconds. */
  readonly lookEvery?: number;
  readonly heartbeat?: number;
}

interface InHand {
  readonly data: QueuedJob;
  readonly observer: JobObserver;
  readonly resolve: (result: QueuedResult) => void;
  readonly reject: (error: Error) => void;
}

const workerSchema = z.object({ slots: z.number(), seen: z.number() });

export class QueueExecutor implements Executor {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #options: Required<QueueExecutorOptions>;
  readonly #inHand = new Map<string, InHand>();
  readonly #timers: NodeJS.Timeout[] = [];
  #slots = 1;
  #wake: (() => void) | undefined;
  #best: number | null = null;
  #looking = false;

  private constructor(redis: Redis, options: Required<QueueExecutorOptions>) {
    const connection = { url: options.url, maxRetriesPerRequest: null };
    this.#redis = redis;
    this.#options = options;
    this.#queue = new Queue(queueName(options.run), { connection });
    this.#events = new QueueEvents(queueName(options.run), { connection });
    // Connections come and go; what is lost is found again.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#events.on('completed', ({ jobId }) => void this.#look(jobId));
    this.#events.on('failed', ({ jobId }) => void this.#look(jobId));
    this.#events.on('progress', ({ jobId, data }) => {
      const report = stepSchema.safeParse(data);
      const observer = this.#inHand.get(jobId)?.observer;
      if (!report.success || !observer) return;
      const { worker, ...step } = report.data;
      observer.onWorker?.(worker);
      observer.onStep?.(step);
    });
    this.#events.on('stalled', ({ jobId }) => this.#inHand.get(jobId)?.observer.onEvent?.('worker lost', 'it renewed its lock no longer'));
  }

  /** @throws UserError when no Redis answers */
  static async open(options: QueueExecutorOptions): Promise<QueueExecutor> {
    const executor = new QueueExecutor(await connect(options.url), { lookEvery: 2000, heartbeat: heartbeatEvery, ...options });
    await executor.#queue.waitUntilReady();
    // What an earlier session of this search left in it: that is proposed again.
    await executor.#queue.obliterate({ force: true });
    await executor.#announce();
    executor.#every(executor.#options.heartbeat, () => executor.#announce());
    executor.#every(executor.#options.lookEvery, () => executor.#lookAfter());
    return executor;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Resolves when workers have come or gone. */
  slotsChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void work().catch(() => {}), milliseconds));
  }

  /** Says that the run is open, and counts who works on it. */
  async #announce(): Promise<void> {
    const { run, setting } = this.#options;
    await this.#redis.hset(runsKey, run, JSON.stringify({ setting, seen: Date.now() }));
    const workers = alive(await this.#redis.hgetall(workersKey(run)), workerSchema);
    const slots = Math.max(
      1,
      [...workers.values()].reduce((n, worker) => n + worker.slots, 0),
    );
    if (slots === this.#slots) return;
    this.#slots = slots;
    this.#wake?.();
  }

  async evaluate({ index, genotype, ticket }: CandidateJob, observer: JobObserver): Promise<Evaluation & { readonly worker: string }> {
    const data = { index, genotype: formatGenotype(genotype), best: this.#best, ...(ticket && { ticket }) };
    const id = `candidate-${index}`;
    const { signal } = observer;
    signal?.throwIfAborted();
    let onAbort: (() => void) | undefined;
    try {
      const result = await new Promise<QueuedResult>((resolve, reject) => {
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#inHand.set(id, { data, observer, resolve, reject });
        this.#put(id, data).catch(() => {}); // found missing when it is looked after
      });
      const { pictures = [], breakdown, ...rest } = result;
      return {
        ...rest,
        ...(breakdown && { breakdown }),
        pictures: pictures.map((text) => Buffer.from(text, 'base64')),
        parameters: await this.#weights(result.reward, index),
      };
    } finally {
      this.#inHand.delete(id);
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  async #put(id: string, data: QueuedJob): Promise<void> {
    // A fault that is not the architecture's is tried again by others.
    await this.#queue.add('candidate', data, { jobId: id, attempts: 4, backoff: 500 });
  }

  async #weights(reward: number, index: number): Promise<Map<string, Float32Array>> {
    if (this.#best !== null && reward <= this.#best) return new Map();
    const key = weightsKey(this.#options.run, index);
    const bytes = await this.#redis.getBuffer(key);
    this.#best = reward;
    if (!bytes) return new Map();
    await this.#redis.del(key);
    return new Map([...decodeSafetensors(bytes, key).tensors].map(([name, { data }]) => [name, data]));
  }

  async #lookAfter(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const id of [...this.#inHand.keys()]) await this.#look(id);
    } finally {
      this.#looking = false;
    }
  }

  /** Takes a candidate's result, or puts it back where the queue has lost it. */
  async #look(id: string): Promise<void> {
    const inHand = this.#inHand.get(id);
    if (!inHand) return;
    try {
      const state = await this.#queue.getJobState(id);
      if (state === 'unknown') return await this.#put(id, inHand.data);
      if (state !== 'completed' && state !== 'failed') return;
      // Read after its state: what was read before may not have the result yet.
      const job = await this.#queue.getJob(id);
      if (!job || !this.#inHand.has(id)) return;
      if (state === 'completed') {
        const result = queuedResultSchema.safeParse(job.returnvalue);
        if (result.success) inHand.resolve(result.data);
        else inHand.reject(new Error(`the worker sent no result: ${z.prettifyError(result.error)}`));
      } else inHand.reject(new Error(job.failedReason));
      this.#inHand.delete(id);
      await job.remove().catch(() => {});
    } catch (error) {
      inHand.observer.onEvent?.('queue', reasonOf(error));
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    const { run } = this.#options;
    const farewell = async (): Promise<void> => {
      await this.#redis.hdel(runsKey, run);
      await this.#queue.obliterate({ force: true });
    };
    // Redis may be gone by now: nothing to wait for.
    await Promise.race([farewell().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    await Promise.race([
      Promise.all([this.#events.close(), this.#queue.close()]).catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 2000).unref()),
    ]);
    this.#redis.disconnect();
  }
}
