// A worker on a queue: it looks which runs are open, works on those that it would evaluate in the same way as everybody else,
// and says why it leaves the others alone. Nothing that stands in Redis, and no fault of Redis, ends it.

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { reasonOf } from '../../core/errors/index.js';
import { encodeSafetensors } from '../../core/model/index.js';
import { parseGenotype } from '../../core/space/index.js';
import {
  type Executor,
  ExecutorUnusable,
  MachineError,
  printable,
  printableUrl,
  type RunSetting,
  runSettingSchema,
  withoutPassword,
} from '../../core/search/index.js';
import {
  beat,
  Complaint,
  connect,
  heartbeatEvery,
  machinePrefix,
  openKey,
  present,
  type QueuedResult,
  queuedJobSchema,
  queueName,
  resultKey,
  resultLasts,
  runName,
  runsKey,
  storePatiently,
  weightsKey,
  workerKey,
  workersKey,
} from './queue-protocol.js';

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

const openRunSchema = z.object({ setting: runSettingSchema });
/** Progress goes to the search so often at most, in milliseconds. */
const reportEvery = 2000;
/** How long a run is left alone after a fault of this machine, in milliseconds. */
const restFor = 60_000;

/** Works until it is told to stop. @throws UserError when no Redis answers at first */
export async function serveQueue(options: QueueWorkerOptions): Promise<void> {
  const say = (text: string): void => options.say(withoutPassword(text, options.url));
  const redis = await connect(options.url, say);
  const member = new QueueMember(redis, { ...options, say });
  say(`${member.name}: waiting for searches on ${printableUrl(options.url)}`);
  try {
    while (!options.signal.aborted) {
      await member.look();
      await sleep(options.heartbeat ?? heartbeatEvery, undefined, { signal: options.signal }).catch(() => {});
    }
  } finally {
    await member.leaveAll();
    redis.disconnect();
  }
}

class QueueMember {
  readonly name = `${hostname()}:${process.pid}`;
  readonly #redis: Redis;
  readonly #options: QueueWorkerOptions;
  readonly #complaint: Complaint;
  readonly #joined = new Map<string, { readonly worker: Worker; readonly executor: Executor }>();
  readonly #refused = new Set<string>();
  /** Run → when it may be joined again. */
  readonly #resting = new Map<string, number>();
  readonly #beats: NodeJS.Timeout;

  constructor(redis: Redis, options: QueueWorkerOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#complaint = new Complaint(options.say);
    // By a timer of its own: to join a run may take minutes, and the others must not think that this worker is gone.
    this.#beats = setInterval(() => void this.#beat(), options.heartbeat ?? heartbeatEvery);
  }

  /** Joins what is open, leaves what is over. */
  async look(): Promise<void> {
    const { say, signal } = this.#options;
    try {
      const open = await present(this.#redis, runsKey, openKey, openRunSchema);
      for (const [run, { setting }] of open) {
        if (signal.aborted) return;
        await this.#consider(run, setting);
      }
      for (const run of [...this.#joined.keys()]) {
        if (open.has(run)) continue;
        await this.#leave(run);
        say(`${run}: the search is over`);
      }
      // Another search may come under that name.
      for (const run of this.#refused) if (!open.has(run)) this.#refused.delete(run);
    } catch (error) {
      if (!signal.aborted) this.#complaint.make(`looking for searches: ${reasonOf(error)}; trying again`);
    }
  }

  async #consider(run: string, setting: RunSetting): Promise<void> {
    const { join, say, slots, signal } = this.#options;
    if (this.#joined.has(run) || this.#refused.has(run) || (this.#resting.get(run) ?? 0) > performance.now()) return;
    const refuse = (why: string): void => {
      this.#refused.add(run);
      say(`${printable(run, 100)}: refused, because ${why}`);
    };
    if (!runName.test(run)) return refuse('that is no name of a search');
    try {
      const answer = await join(run, setting);
      if ('refusal' in answer) return refuse(answer.refusal);
      this.#joined.set(run, { executor: answer.executor, worker: this.#workOn(run, answer.executor) });
      await this.#beat();
      say(`${run}: joined with ${slots} candidate(s) at once`);
    } catch (error) {
      if (!signal.aborted) refuse(reasonOf(error));
    }
  }

  async #beat(): Promise<void> {
    const { slots } = this.#options;
    for (const run of this.#joined.keys())
      try {
        const key = workersKey(run);
        const isKnown = await beat(this.#redis, workerKey(run, this.name));
        if (!isKnown || (await this.#redis.hexists(key, this.name)) === 0)
          await this.#redis.hset(key, this.name, JSON.stringify({ slots }));
      } catch {
        // Full or gone: said where something is to be stored.
      }
  }

  async #leave(run: string): Promise<void> {
    const member = this.#joined.get(run);
    this.#joined.delete(run);
    if (this.#redis.status === 'ready')
      await Promise.all([this.#redis.hdel(workersKey(run), this.name), this.#redis.del(workerKey(run, this.name))]).catch(() => {});
    await member?.worker.close(true).catch(() => {});
    await member?.executor.close();
  }

  async leaveAll(): Promise<void> {
    clearInterval(this.#beats);
    for (const run of [...this.#joined.keys()]) await this.#leave(run);
  }

  #workOn(run: string, executor: Executor): Worker {
    const { url, slots, lockSeconds = 30 } = this.#options;
    const worker = new Worker(queueName(run), (job) => this.#evaluate(run, executor, job), {
      connection: { url, maxRetriesPerRequest: null },
      name: this.name,
      concurrency: slots,
      lockDuration: lockSeconds * 1000,
      stalledInterval: lockSeconds * 1000,
      // Each time another worker has fallen silent.
      maxStalledCount: 10,
    });
    worker.on('error', () => {}); // connections come and go
    return worker;
  }

  async #evaluate(run: string, executor: Executor, job: Job): Promise<null> {
    const { say, signal } = this.#options;
    const { index, genotype, ticket, inherited, best } = queuedJobSchema.parse(job.data);
    // Somebody has evaluated it; only the queue has not heard of it.
    if ((await this.#redis.exists(resultKey(run, job.id ?? ''))) === 1) return null;
    let reported = 0;
    try {
      const { parameters, breakdown, pictures, ...evaluation } = await executor.evaluate(
        {
          index,
          genotype: parseGenotype(genotype),
          ticket,
          inherited: inherited && { ...inherited, weights: Buffer.from(inherited.weights, 'base64') },
        },
        {
          onStep: (report) => {
            if (performance.now() - reported < reportEvery) return;
            reported = performance.now();
            job.updateProgress({ worker: this.name, ...report }).catch(() => {});
          },
          onEvent: (kind, detail) => say(`#${index}: ${kind}: ${detail}`),
          signal,
        },
      );
      const result: QueuedResult = {
        kind: 'evaluated',
        ...evaluation,
        metrics: { ...evaluation.metrics },
        epochs: [...evaluation.epochs],
        rungs: [...evaluation.rungs],
        ...(breakdown && { breakdown }),
        ...(pictures && { pictures: pictures.map((one) => ({ ...one, picture: Buffer.from(one.picture).toString('base64') })) }),
        worker: this.name,
      };
      await this.#deliver(run, job, result, best === null || evaluation.reward > best ? parameters : undefined);
      say(`#${index}: reward ${evaluation.reward.toFixed(4)}`);
      return null;
    } catch (error) {
      if (signal.aborted) throw error;
      const isInnocent = error instanceof ExecutorUnusable || (error instanceof MachineError && !error.suspect);
      if (isInnocent) {
        // Others may do better.
        say(`${run}: left for ${restFor / 1000} s, because ${error.message}`);
        this.#resting.set(run, performance.now() + restFor);
        // Once the queue has heard of it.
        setTimeout(() => void this.#leave(run), 300);
        throw new Error(`${machinePrefix}${this.name}: ${printable(error.message)}`);
      }
      if (error instanceof MachineError || !this.#joined.has(run)) throw error;
      const reason = reasonOf(error);
      await this.#deliver(run, job, { kind: 'failed', reason, worker: this.name }, undefined);
      say(`#${index}: failed: ${reason}`);
      return null;
    }
  }

  /** Waits where Redis is full: what took minutes to compute is not thrown away. */
  async #deliver(run: string, job: Job, result: QueuedResult, weights: ReadonlyMap<string, Float32Array> | undefined): Promise<void> {
    const { signal } = this.#options;
    const id = job.id ?? '';
    const store = (key: string, value: string | Buffer): Promise<unknown> => this.#redis.set(key, value, 'EX', resultLasts);
    // The weights first: with the result the search looks for them.
    if (weights) {
      const tensors = new Map([...weights].map(([key, data]) => [key, { shape: [data.length], data }]));
      const bytes = Buffer.from(encodeSafetensors({ tensors, metadata: {} }));
      const what = `the best network's weights (${(bytes.length / 2 ** 20).toFixed(1)} MiB) are waiting to be sent`;
      await storePatiently(() => store(weightsKey(run, id), bytes), this.#complaint, what, signal);
    }
    await storePatiently(
      () => store(resultKey(run, id), JSON.stringify(result)),
      this.#complaint,
      'a result is waiting to be sent',
      signal,
    );
  }
}
