// Candidates on a queue: workers on any machine take them (BullMQ on Redis). News of results comes by events; because events, and
// the whole queue, can be lost with Redis, every candidate in hand is also looked after now and then, and put back
// where it is gone. What a worker sends is checked before it counts.

import { randomUUID } from 'node:crypto';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson, reasonOf } from '../../core/errors/index.js';
import { decodeSafetensors } from '../../core/model/index.js';
import { formatGenotype } from '../../core/space/index.js';
import {
  type CandidateJob,
  type Evaluation,
  type Executor,
  type JobObserver,
  MachineError,
  printable,
  type RunSetting,
  scoreFault,
} from '../../core/search/index.js';
import {
  beat,
  Complaint,
  connect,
  fullWords,
  heartbeatEvery,
  isFull,
  machinePrefix,
  openKey,
  present,
  type QueuedJob,
  type QueuedResult,
  queuedResultSchema,
  queueName,
  resultKey,
  runsKey,
  stepSchema,
  storePatiently,
  weightsKey,
  workerKey,
  workersKey,
} from './queue-protocol.js';

export interface QueueExecutorOptions {
  readonly url: string;
  /** Names the run among others on the same Redis: letters, digits, `.`, `_` and `-`. */
  readonly run: string;
  readonly setting: RunSetting;
  /** What is wrong with Redis, for people. */
  readonly say?: (text: string) => void;
  /** How often candidates in hand are looked after, and how often the run says that it is open, in milliseconds. */
  readonly lookEvery?: number;
  readonly heartbeat?: number;
}

/** A result, or why it is none. */
type Answer = QueuedResult | { readonly kind: 'bad'; readonly reason: string };

interface InHand {
  readonly data: QueuedJob;
  readonly observer: JobObserver;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

type Evaluated = Extract<QueuedResult, { readonly kind: 'evaluated' }>;

const workerSchema = z.object({ slots: z.number().int().min(1).max(10_000) });
/** Results of one candidate that are none. */
const badResults = 3;

export class QueueExecutor implements Executor {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #options: Required<QueueExecutorOptions>;
  readonly #complaint: Complaint;
  /** Results of earlier sessions have other names: what they were asked for may have been another architecture. */
  readonly #session = randomUUID().slice(0, 8);
  readonly #inHand = new Map<string, InHand>();
  /** Whose results have been taken, while the queue has them still. */
  readonly #taken = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #asked = 0;
  #slots = 1;
  #wake: (() => void) | undefined;
  #best: number | null = null;
  #looking = false;

  private constructor(redis: Redis, options: Required<QueueExecutorOptions>) {
    const connection = { url: options.url, maxRetriesPerRequest: null };
    this.#redis = redis;
    this.#options = options;
    this.#complaint = new Complaint(options.say);
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
    const all = { lookEvery: 2000, heartbeat: heartbeatEvery, say: () => {}, ...options };
    const executor = new QueueExecutor(await connect(options.url, all.say), all);
    await executor.#queue.waitUntilReady();
    const begin = async (): Promise<void> => {
      // What an earlier session of this search left in it: that is proposed again.
      await executor.#queue.obliterate({ force: true });
      await executor.#announce();
    };
    await storePatiently(begin, executor.#complaint, 'the queue');
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
    this.#timers.push(setInterval(() => void work().catch((error: unknown) => this.#complain(error)), milliseconds));
  }

  #complain(error: unknown): void {
    if (isFull(error)) this.#complaint.make(fullWords);
  }

  /** Says that the run is open, and counts who works on it. */
  async #announce(): Promise<void> {
    const { run, setting } = this.#options;
    const redis = this.#redis;
    await beat(redis, openKey(run));
    if ((await redis.hexists(runsKey, run)) === 0) await redis.hset(runsKey, run, JSON.stringify({ setting }));
    const workers = await present(redis, workersKey(run), (worker) => workerKey(run, worker), workerSchema);
    const slots = Math.max(
      1,
      [...workers.values()].reduce((n, worker) => n + worker.slots, 0),
    );
    if (slots === this.#slots) return;
    this.#slots = slots;
    this.#wake?.();
  }

  async evaluate(job: CandidateJob, observer: JobObserver): Promise<Evaluation & { readonly worker: string }> {
    let fault = '';
    for (let tries = 0; tries < badResults; tries++) {
      const id = `candidate-${job.index}-${this.#session}-${this.#asked++}`;
      const result = await this.#ask(id, job, observer);
      if (result.kind === 'failed') throw new Error(result.reason);
      const wrong = result.kind === 'bad' ? result.reason : scoreFault(result);
      if (result.kind === 'evaluated' && wrong === undefined) return this.#evaluationOf(result, id, job, observer);
      fault = `${'worker' in result ? result.worker : 'a worker'} sent what is no result: ${wrong}`;
      observer.onEvent?.('bad result', fault);
    }
    throw new MachineError(`${fault}, ${badResults} times`, true);
  }

  async #ask(id: string, { index, genotype, ticket, inherited, insist }: CandidateJob, observer: JobObserver): Promise<Answer> {
    const data = {
      index,
      genotype: formatGenotype(genotype),
      best: insist ? null : this.#best,
      ...(ticket && { ticket }),
      ...(inherited && { inherited: { ...inherited, weights: Buffer.from(inherited.weights).toString('base64') } }),
    };
    const { signal } = observer;
    signal?.throwIfAborted();
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#inHand.set(id, { data, observer, resolve, reject });
        // Found missing when it is looked after.
        this.#put(id, data).catch((error: unknown) => this.#complain(error));
      });
    } finally {
      this.#inHand.delete(id);
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  async #evaluationOf(result: Evaluated, id: string, { insist = false }: CandidateJob, observer: JobObserver) {
    const { kind: _, pictures = [], breakdown, ...rest } = result;
    const isBetter = insist || this.#best === null || result.reward > this.#best;
    const parameters = isBetter ? await this.#weights(id, observer) : new Map<string, Float32Array>();
    if (isBetter && parameters.size > 0) this.#best = Math.max(this.#best ?? 0, result.reward);
    return {
      ...rest,
      ...(breakdown && { breakdown }),
      pictures: pictures.map((one) => ({ ...one, picture: Buffer.from(one.picture, 'base64') })),
      parameters,
    };
  }

  async #put(id: string, data: QueuedJob): Promise<void> {
    // A fault that is not the architecture's is tried again by others.
    await this.#queue.add('candidate', data, { jobId: id, attempts: 3, backoff: 500 });
  }

  /** None where they are gone or cannot be read: the search has the best network evaluated again at the end. */
  async #weights(id: string, observer: JobObserver): Promise<Map<string, Float32Array>> {
    const key = weightsKey(this.#options.run, id);
    const bytes = await this.#redis.getBuffer(key);
    if (!bytes) return new Map();
    await this.#redis.del(key);
    try {
      return new Map([...decodeSafetensors(bytes, key).tensors].map(([name, { data }]) => [name, data]));
    } catch (error) {
      observer.onEvent?.('bad weights', reasonOf(error));
      return new Map();
    }
  }

  async #lookAfter(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const id of [...this.#inHand.keys()]) await this.#look(id);
      for (const id of [...this.#taken]) await this.#forget(id);
    } finally {
      this.#looking = false;
    }
  }

  /** Takes a candidate's result, or puts it back where the queue has lost it. */
  async #look(id: string): Promise<void> {
    const inHand = this.#inHand.get(id);
    if (!inHand) return;
    try {
      if (await this.#take(id, inHand)) return;
      const state = await this.#queue.getJobState(id);
      // Another look may have taken its result meanwhile.
      if (!this.#inHand.has(id)) return;
      if (state === 'unknown') return await this.#put(id, inHand.data);
      if (state !== 'completed' && state !== 'failed') return;
      // Looked for after its state: before, it may not have been there yet.
      if (await this.#take(id, inHand)) return;
      const job = await this.#queue.getJob(id);
      if (!job || !this.#inHand.has(id)) return;
      await job.remove();
      // Of a completed one the result was lost, with a Redis that lost a part.
      if (state === 'completed') return await this.#put(id, inHand.data);
      const reason = printable(job.failedReason);
      const isInnocent = reason.startsWith(machinePrefix);
      this.#inHand.delete(id);
      inHand.reject(new MachineError(isInnocent ? reason.slice(machinePrefix.length) : reason, !isInnocent));
    } catch (error) {
      this.#complain(error);
      inHand.observer.onEvent?.('queue', printable(reasonOf(error)));
    }
  }

  async #take(id: string, { resolve }: InHand): Promise<boolean> {
    const text = await this.#redis.get(resultKey(this.#options.run, id));
    if (text === null || !this.#inHand.has(id)) return false;
    this.#inHand.delete(id);
    const result = queuedResultSchema.safeParse(parseJson(text));
    resolve(result.success ? result.data : { kind: 'bad', reason: printable(z.prettifyError(result.error)) });
    await this.#forget(id);
    return true;
  }

  /** The queue may have it for a while still: a job that somebody works on cannot be removed. */
  async #forget(id: string): Promise<void> {
    this.#taken.add(id);
    const removed = await this.#queue.remove(id).catch(() => 0);
    if (removed === 0 && (await this.#queue.getJobState(id).catch(() => 'active')) !== 'unknown') return;
    this.#taken.delete(id);
    // The last: a worker that gets the job once more sees by it that there is nothing to do.
    await this.#redis.del(resultKey(this.#options.run, id));
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    const { run } = this.#options;
    const farewell = async (): Promise<void> => {
      await this.#redis.del(openKey(run));
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
