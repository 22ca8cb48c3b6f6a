// Samples for the caches, decoded and augmented on worker threads beside the encoder's work. What a sample looks like
// depends on its own seed only, never on which thread made it or when.

import { Worker } from 'node:worker_threads';
import type { Dataset, Sample } from './dataset.js';
import { DataError } from './errors.js';
import type { Framing, LabelledImage } from './loader.js';

export interface SampleRequest {
  readonly sample: Sample;
  readonly seed: number;
}

export interface SampleJob extends SampleRequest {
  readonly framing: Framing;
  readonly dataset: Pick<Dataset, 'classes' | 'ignore'>;
}

export type SampleReply = { readonly labelled: LabelledImage } | { readonly message: string; readonly isDataError: boolean };

// The compiled worker, also when this file itself is run from its source (in tests).
const workerFile = new URL(new URL('./sample-worker.js', import.meta.url).href.replace('/src/data/', '/dist/data/'));

/** Each request's sample, in order. */
export async function* streamSamples(
  requests: readonly SampleRequest[],
  framing: Framing,
  dataset: Pick<Dataset, 'classes' | 'ignore'>,
  threads = 2,
): AsyncGenerator<LabelledImage> {
  const workers = Array.from({ length: Math.min(threads, requests.length) }, () => new Worker(workerFile));
  try {
    // Worker w makes the samples w, w + n, w + 2n, …, each asked for while the one before is used.
    const shared = { framing, dataset: { classes: dataset.classes, ignore: dataset.ignore } };
    const ask = (i: number): Promise<LabelledImage> | undefined => {
      const request = requests[i];
      const worker = workers[i % workers.length];
      return request && worker && settled(reply(worker, { ...request, ...shared }));
    };
    const pending = workers.map((_, i) => ask(i));
    for (let i = 0; i < requests.length; i++) {
      const labelled = await pending[i % workers.length];
      if (!labelled) throw new RangeError(`no sample ${i}`);
      pending[i % workers.length] = ask(i + workers.length);
      yield labelled;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** A rejection is seen when its turn comes; until then it is not unhandled. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function reply(worker: Worker, job: SampleJob): Promise<LabelledImage> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: SampleReply) => {
      worker.off('error', reject);
      if ('labelled' in message) resolve(message.labelled);
      else reject(message.isDataError ? new DataError(message.message) : new Error(message.message));
    });
    worker.postMessage(job);
  });
}
