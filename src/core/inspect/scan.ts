// Every sample's facts, read on worker threads; memory stays flat, since a thread has two samples in hand.

import { Worker } from 'node:worker_threads';
import type { Labelling } from '../data/index.js';
import type { SampleFacts } from './facts.js';
import type { ScanRequest } from './scan-sample.js';

export interface ScanJob {
  readonly index: number;
  readonly request: ScanRequest;
  readonly labelling: Labelling;
}

export interface ScanReply {
  readonly index: number;
  readonly facts: SampleFacts;
}

export interface ScanOptions {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Samples a thread: while one is decoded by native code, another is counted. */
const inHand = 2;

// The compiled worker, also when this file itself is run from its source (in tests).
const workerFile = new URL(new URL('./scan-worker.js', import.meta.url).href.replace('/src/core/inspect/', '/dist/core/inspect/'));

/**
 * @param onFacts is called in the order of the requests, so that what is added up does not depend on the threads
 * @throws AbortError
 */
export async function scanSamples(
  requests: readonly ScanRequest[],
  labelling: Labelling,
  onFacts: (index: number, facts: SampleFacts) => void,
  { threads, signal }: ScanOptions,
): Promise<void> {
  if (requests.length === 0) return;
  signal?.throwIfAborted();
  const workers = Array.from({ length: Math.min(threads, requests.length) }, () => new Worker(workerFile));
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = new Map<number, SampleFacts>();
      let [asked, told] = [0, 0];
      const ask = (worker: Worker): void => {
        const request = requests[asked];
        if (request) worker.postMessage({ index: asked++, request, labelling } satisfies ScanJob);
      };
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      for (const worker of workers) {
        worker.on('error', reject);
        worker.on('message', ({ index, facts }: ScanReply) => {
          waiting.set(index, facts);
          for (let next = waiting.get(told); next; next = waiting.get(told)) {
            waiting.delete(told);
            onFacts(told++, next);
          }
          if (told === requests.length) resolve();
          else ask(worker);
        });
        for (let k = 0; k < inHand; k++) ask(worker);
      }
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
