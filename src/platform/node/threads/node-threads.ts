// Threads of Node.js, a module a kind of work.

import { Worker } from 'node:worker_threads';
import type { Threads } from '../../../core/platform/index.js';

/** The compiled module, also when this file itself is run from its source (in tests). */
const moduleOf = (name: string): URL =>
  new URL(new URL(`./${name}.js`, import.meta.url).href.replace('/src/platform/node/', '/dist/platform/node/'));

export const nodeThreads: Threads = {
  start: (work, options, { onReply, onEnd }) => {
    const worker = new Worker(moduleOf(work.name), { workerData: options });
    let ending = false;
    let reason: Error | undefined;
    worker.on('message', onReply);
    worker.on('error', (error) => {
      reason = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => {
      if (!ending) onEnd(reason ?? new Error(`exit code ${code}`));
    });
    return {
      ask: (job) => worker.postMessage(job),
      end: async () => {
        ending = true;
        await worker.terminate();
      },
    };
  },
};
