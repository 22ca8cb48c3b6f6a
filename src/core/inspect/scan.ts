// Every sample's facts, read on worker threads; memory stays flat, since a thread has two samples in hand.

import type { Labelling } from '../data/index.js';
import { platform, type Thread } from '../platform/index.js';
import type { SampleFacts } from './facts.js';
import type { ScanRequest } from './scan-sample.js';
import { type ScanJob, scanWork } from './scan-worker.js';

export interface ScanOptions {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Samples a thread: while one is decoded by native code, another is counted. */
const inHand = 2;

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
  const running: Thread<ScanJob>[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = new Map<number, SampleFacts>();
      let [asked, told] = [0, 0];
      const ask = (thread: Thread<ScanJob>): void => {
        const request = requests[asked];
        if (request) thread.ask({ index: asked++, request, labelling });
      };
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      for (let k = 0; k < Math.min(threads, requests.length); k++) {
        const thread: Thread<ScanJob> = platform().threads.start(scanWork, undefined, {
          onReply: ({ index, facts }) => {
            waiting.set(index, facts);
            for (let next = waiting.get(told); next; next = waiting.get(told)) {
              waiting.delete(told);
              onFacts(told++, next);
            }
            if (told === requests.length) resolve();
            else ask(thread);
          },
          onEnd: reject,
        });
        running.push(thread);
        for (let n = 0; n < inHand; n++) ask(thread);
      }
    });
  } finally {
    await Promise.all(running.map((thread) => thread.end()));
  }
}
