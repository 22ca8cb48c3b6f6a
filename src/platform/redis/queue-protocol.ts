// What a search and workers on other machines share in Redis: a list of open runs with what they are about, a BullMQ queue
// of candidates per run, who works on it, results, and the weights of candidates that were the best when they were finished.
//
// Who is there keeps a key alive that Redis lets expire: so all times are Redis's, whatever the machines' clocks say, and a Redis that is
// full, which refuses to store anything new, refuses none of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson, reasonOf, UserError } from '../../core/errors/index.js';
import {
  breakdownSchema,
  mostInheritedBytes,
  printable,
  printableUrl,
  stepReportSchema,
  ticketSchema,
  withoutPassword,
} from '../../core/search/index.js';

/** A run is open while its search says so at least this often, in milliseconds; the same for workers. */
export const heartbeatEvery = 2_000;
export const heartbeatLasts = 15_000;

/** Hash: run → { setting }. */
export const runsKey = 'auxcell:runs';
/** There while the run's search is. */
export const openKey = (run: string): string => `auxcell:${run}:open`;
/** Hash: worker → { slots }. */
export const workersKey = (run: string): string => `auxcell:${run}:workers`;
/** There while the worker is. */
export const workerKey = (run: string, worker: string): string => `auxcell:${run}:worker:${worker}`;
export const resultKey = (run: string, job: string): string => `auxcell:${run}:result:${job}`;
export const weightsKey = (run: string, job: string): string => `auxcell:${run}:weights:${job}`;
/** Seconds that results wait for a search that was interrupted. */
export const resultLasts = 86_400;
export const queueName = (run: string): string => `auxcell-${run}`;
/** What a search calls its run; others are none of ours. */
export const runName = /^[\w.-]{1,200}$/;

export const queuedJobSchema = z.object({
  index: z.number(),
  /** As JSON. */
  genotype: z.string(),
  ticket: ticketSchema.optional(),
  /** What it begins with; base64. */
  inherited: z.object({ weights: z.base64().max(mostInheritedBytes * 1.4), epochs: z.number().int().positive() }).optional(),
  /** The best reward so far: what is not better need not send its weights. */
  best: z.number().nullable(),
});
export type QueuedJob = z.infer<typeof queuedJobSchema>;

const text = z.string().transform((value) => printable(value));

const evaluatedSchema = z.object({
  kind: z.literal('evaluated'),
  reward: z.number(),
  firstReward: z.number(),
  rungs: z.array(z.object({ epoch: z.number(), reward: z.number() })),
  metrics: z.record(text, z.number()),
  breakdown: breakdownSchema.optional(),
  /** In base64. */
  pictures: z.array(z.object({ image: z.number().int().nonnegative(), score: z.number(), picture: z.string() })).optional(),
  loss: z.number(),
  epochs: z.array(z.object({ stage: z.number(), epoch: z.number(), loss: z.number() })),
  steps: z.number(),
  stage: z.number(),
  trainSeconds: z.number(),
  validationSeconds: z.number(),
  device: z.enum(['cpu', 'webgpu']).optional(),
  worker: text,
});

/** The architecture's own failure is a result too; what is the machine's ends the job instead. */
export const queuedResultSchema = z.discriminatedUnion('kind', [
  evaluatedSchema,
  z.object({ kind: z.literal('failed'), reason: text, worker: text }),
]);
export type QueuedResult = z.infer<typeof queuedResultSchema>;

/** Before the reason of a job that a worker could not work on, whatever its architecture. */
export const machinePrefix = 'machine: ';

export const stepSchema = stepReportSchema.extend({ worker: text });

/**
 * A client that waits for Redis as long as it takes, but for the first time.
 * @param say that Redis is gone, and back
 * @throws UserError when there is none at first
 */
export async function connect(url: string, say: (text: string) => void): Promise<Redis> {
  const shown = printableUrl(url);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UserError(`queue ${shown}: not an address; expected redis://HOST:PORT`, { about: ['queue'] });
  }
  if (!/^rediss?:$/.test(parsed.protocol))
    throw new UserError(`queue ${shown}: expected redis://HOST:PORT or rediss://…`, { about: ['queue'] });
  const client = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy: (times) => Math.min(2000, 100 * times) });
  let last = '';
  client.on('error', (error: Error) => {
    last = withoutPassword(error.message, url);
  });
  const timer = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new UserError(`queue ${shown}: no Redis answers there (${last || 'no answer in 5 s'})`, { about: ['queue'] })),
      5000,
    ).unref();
  });
  await Promise.race([client.connect().then(() => client.ping()), timer]).catch((error: unknown) => {
    client.disconnect();
    const reason = last || withoutPassword(String(error), url);
    throw error instanceof UserError ? error : new UserError(`queue ${shown}: no Redis answers there (${reason})`, { about: ['queue'] });
  });
  let isGone = false;
  client.on('reconnecting', () => {
    if (!isGone) say(`${shown}: Redis is gone${last === '' ? '' : ` (${last})`}; waiting for it`);
    isGone = true;
  });
  client.on('ready', () => {
    if (isGone) say(`${shown}: Redis is back`);
    isGone = false;
  });
  return client;
}

/** Keeps a key alive that says that somebody is there. @returns false where there was none, and it was made */
export async function beat(client: Redis, key: string): Promise<boolean> {
  if ((await client.pexpire(key, heartbeatLasts)) === 1) return true;
  await client.set(key, '1', 'PX', heartbeatLasts);
  return false;
}

/** Those of a hash who are there. @param keyOf the key that each keeps alive */
export async function present<T>(
  client: Redis,
  hash: string,
  keyOf: (name: string) => string,
  schema: z.ZodType<T>,
): Promise<Map<string, T>> {
  const entries = Object.entries(await client.hgetall(hash));
  const there = await Promise.all(entries.map(([name]) => client.exists(keyOf(name))));
  return new Map(
    entries.flatMap(([name, value], i) => {
      const parsed = there[i] === 1 ? schema.safeParse(parseJson(value)) : undefined;
      return parsed?.success ? [[name, parsed.data]] : [];
    }),
  );
}

/** Redis has its `maxmemory` and may evict nothing: it stores nothing new. */
export function isFull(error: unknown): boolean {
  return /\bOOM\b/.test(reasonOf(error));
}

export const fullWords = 'Redis is full: waiting until it has room (raise its maxmemory, or remove what else is in it)';

/** Says the same thing once in half a minute. */
export class Complaint {
  readonly #say: (text: string) => void;
  #said = new Map<string, number>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  make(text: string): void {
    const before = this.#said.get(text);
    if (before !== undefined && performance.now() - before < 30_000) return;
    this.#said.set(text, performance.now());
    this.#say(text);
  }
}

/** Stores something as soon as Redis has room for it. @throws what is not a lack of room; AbortError */
export async function storePatiently<T>(store: () => Promise<T>, complaint: Complaint, what: string, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await store();
    } catch (error) {
      if (!isFull(error)) throw error;
      complaint.make(`${what}: ${fullWords}`);
      await sleep(1000, undefined, { signal });
    }
  }
}
