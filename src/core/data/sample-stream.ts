// Samples decoded and augmented on worker threads beside the engine's work. What a sample looks like depends on its own
// seed only, never on which thread made it or when.

import { platform, type Thread } from '../platform/index.js';
import type { Labelling } from './dataset.js';
import { DataError } from './errors.js';
import type { Framing, LabelledImage } from './loader.js';
import { type SampleJob, type SampleReply, type SampleRequest, sampleWork } from './sample-worker.js';

interface Pending {
  readonly thread: number;
  readonly resolve: (labelled: LabelledImage) => void;
  readonly reject: (error: Error) => void;
}

/** Worker threads that stay, and keep decoded files from one pass to the next. */
export class SamplePool {
  /** Undefined where one has ended: the next request starts another. */
  readonly #workers: (Thread<SampleJob> | undefined)[];
  readonly #pending = new Map<number, Pending>();
  readonly #home = new Map<string, number>();
  readonly #keeps: boolean;
  readonly #cacheBytes: number;
  #asked = 0;

  /** @param cacheBytes of decoded files kept, over all threads */
  constructor({ threads = 2, cacheBytes = 0 }: { readonly threads?: number; readonly cacheBytes?: number } = {}) {
    this.#keeps = cacheBytes > 0;
    this.#cacheBytes = cacheBytes / threads;
    this.#workers = Array.from({ length: threads }, (_, thread) => this.#start(thread));
  }

  #start(thread: number): Thread<SampleJob> {
    return platform().threads.start(
      sampleWork,
      { cacheBytes: this.#cacheBytes },
      {
        onReply: (reply) => this.#settle(reply),
        // It answers nothing of what it was asked, and would not answer what it is asked later.
        onEnd: (reason) => {
          this.#workers[thread] = undefined;
          for (const [id, pending] of this.#pending) {
            if (pending.thread !== thread) continue;
            this.#pending.delete(id);
            pending.reject(new Error(`a thread that reads samples ended (${reason.message})`, { cause: reason }));
          }
        },
      },
    );
  }

  /** Each request's sample, in order. */
  async *stream(requests: readonly SampleRequest[], framing: Framing, labelling: Labelling): AsyncGenerator<LabelledImage> {
    const shared = { framing, labelling };
    // Two samples a worker are asked for ahead.
    const ahead = 2 * this.#workers.length;
    const pending = requests.slice(0, ahead).map((request) => this.#ask({ ...request, ...shared }));
    for (let i = 0; i < requests.length; i++) {
      const labelled = await pending.shift();
      if (!labelled) throw new RangeError(`no sample ${i}`);
      const next = requests[i + ahead];
      if (next) pending.push(this.#ask({ ...next, ...shared }));
      yield labelled;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker?.end()));
  }

  #ask(job: Omit<SampleJob, 'id'>): Promise<LabelledImage> {
    const id = this.#asked++;
    const thread = this.#workerOf(job.sample.image) ?? id % this.#workers.length;
    const promise = new Promise<LabelledImage>((resolve, reject) => {
      this.#pending.set(id, { thread, resolve, reject });
    });
    // A rejection is seen when its turn comes; until then it is not unhandled.
    promise.catch(() => {});
    const worker = this.#workers[thread] ?? this.#start(thread);
    this.#workers[thread] = worker;
    worker.ask({ id, ...job });
    return promise;
  }

  /** Where files are kept, a file goes to the same worker every time: in turn, as they are first asked for. */
  #workerOf(file: string): number | undefined {
    if (!this.#keeps) return undefined;
    const worker = this.#home.get(file) ?? this.#home.size % this.#workers.length;
    this.#home.set(file, worker);
    return worker;
  }

  #settle(reply: SampleReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('labelled' in reply) pending?.resolve(reply.labelled);
    else pending?.reject(reply.isDataError ? new DataError(reply.message) : new Error(reply.message));
  }
}

/** One pass, with threads of its own. */
export async function* streamSamples(
  requests: readonly SampleRequest[],
  framing: Framing,
  labelling: Labelling,
  threads = 2,
): AsyncGenerator<LabelledImage> {
  const pool = new SamplePool({ threads: Math.max(1, Math.min(threads, requests.length)) });
  try {
    yield* pool.stream(requests, framing, labelling);
  } finally {
    await pool.close();
  }
}
