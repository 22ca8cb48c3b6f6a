// What candidates in hand are doing, in the run's database for whoever looks on. Written once a second at most.

import { z } from 'zod';
import { parseJson } from '../errors/index.js';
import type { TrialStore } from './trial-store.js';

export const stepReportSchema = z.object({ stage: z.number(), step: z.number(), steps: z.number(), epoch: z.number(), loss: z.number() });

const candidateSchema = z.object({
  index: z.number(),
  /** When it was begun. */
  since: z.string(),
  worker: z.string().optional(),
  doing: z.enum(['waiting', 'training', 'validation']),
  step: stepReportSchema.optional(),
});

export type LiveCandidate = z.infer<typeof candidateSchema>;

const writeEvery = 1000;
const key = 'live';

export class LiveBoard {
  readonly #store: TrialStore;
  readonly #inHand = new Map<number, LiveCandidate>();
  readonly #timer: ReturnType<typeof setInterval>;
  #changed = false;

  constructor(store: TrialStore) {
    this.#store = store;
    this.#timer = setInterval(() => this.#write(), writeEvery);
  }

  take(index: number): void {
    this.#inHand.set(index, { index, since: new Date().toISOString(), doing: 'waiting' });
    this.#changed = true;
  }

  note(index: number, news: Partial<Omit<LiveCandidate, 'index' | 'since'>>): void {
    const before = this.#inHand.get(index);
    if (!before) return;
    this.#inHand.set(index, { ...before, ...news });
    this.#changed = true;
  }

  drop(index: number): void {
    this.#inHand.delete(index);
    this.#changed = true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inHand.clear();
    this.#changed = true;
    this.#write();
  }

  #write(): void {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      this.#store.set(key, JSON.stringify([...this.#inHand.values()]));
    } catch {
      // For looking at only: what keeps trials from being written is reported where they are.
    }
  }
}

/** What a search in another process has in hand, as far as it can be read. */
export function liveCandidates(store: TrialStore): LiveCandidate[] {
  const text = store.get(key);
  const parsed = z.array(candidateSchema).safeParse(text === undefined ? [] : parseJson(text));
  return parsed.success ? parsed.data : [];
}
