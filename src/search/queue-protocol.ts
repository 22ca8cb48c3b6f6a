// What a search and workers on other machines share in Redis: a list of open runs with what they are about, a BullMQ queue
// of candidates per run, who works on it, and the weights of candidates that were the best when they were finished.

import { Redis } from 'ioredis';
import { z } from 'zod';
import { UserError } from '../errors/index.js';
import { parseJson } from '../files/index.js';
import { ticketSchema } from './early-stop.js';
import { stepReportSchema } from './live.js';
import { breakdownSchema } from './trial.js';

/** A run is open while its search says so at least this often, in milliseconds; the same for workers. */
export const heartbeatEvery = 2_000;
export const heartbeatLasts = 15_000;

/** Hash: run → { setting, seen }. */
export const runsKey = 'auxcell:runs';
/** Hash: worker → { slots, seen }. */
export const workersKey = (run: string): string => `auxcell:${run}:workers`;
export const weightsKey = (run: string, index: number): string => `auxcell:${run}:weights:${index}`;
export const queueName = (run: string): string => `auxcell-${run}`;

export const queuedJobSchema = z.object({
  index: z.number(),
  /** As JSON. */
  genotype: z.string(),
  ticket: ticketSchema.optional(),
  /** The best reward so far: what is not better need not send its weights. */
  best: z.number().nullable(),
});
export type QueuedJob = z.infer<typeof queuedJobSchema>;

export const queuedResultSchema = z.object({
  reward: z.number(),
  firstReward: z.number(),
  rungs: z.array(z.object({ epoch: z.number(), reward: z.number() })),
  metrics: z.record(z.string(), z.number()),
  breakdown: breakdownSchema.optional(),
  /** Base64. */
  pictures: z.array(z.string()).optional(),
  loss: z.number(),
  epochs: z.array(z.object({ stage: z.number(), epoch: z.number(), loss: z.number() })),
  steps: z.number(),
  stage: z.number(),
  trainSeconds: z.number(),
  validationSeconds: z.number(),
  worker: z.string(),
});
export type QueuedResult = z.infer<typeof queuedResultSchema>;

export const stepSchema = stepReportSchema.extend({ worker: z.string() });

/** A client that waits for Redis as long as it takes, but for the first time. @throws UserError when there is none at first */
export async function connect(url: string): Promise<Redis> {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UserError(`--queue ${url}: not an address; expected redis://HOST:PORT`);
  }
  if (!/^rediss?:$/.test(parsed.protocol)) throw new UserError(`--queue ${url}: expected redis://HOST:PORT or rediss://…`);
  const client = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy: (times) => Math.min(2000, 100 * times) });
  let last = '';
  client.on('error', (error: Error) => {
    last = error.message;
  });
  const timer = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new UserError(`--queue ${url}: no Redis answers there (${last || 'no answer in 5 s'})`)), 5000).unref();
  });
  await Promise.race([client.connect().then(() => client.ping()), timer]).catch((error: unknown) => {
    client.disconnect();
    throw error instanceof UserError ? error : new UserError(`--queue ${url}: no Redis answers there (${last || String(error)})`);
  });
  return client;
}

/** Those that were seen lately. @param values JSON with `seen`, a time in milliseconds */
export function alive<T extends { readonly seen: number }>(values: Readonly<Record<string, string>>, schema: z.ZodType<T>): Map<string, T> {
  const found = new Map<string, T>();
  for (const [key, text] of Object.entries(values)) {
    const value = schema.safeParse(parseJson(text));
    if (value.success && Date.now() - value.data.seen < heartbeatLasts) found.set(key, value.data);
  }
  return found;
}
