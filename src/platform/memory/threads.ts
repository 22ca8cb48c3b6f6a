// Threads where there are none: the work is done in between, a job after the other.

import type { Threads } from '../../core/platform/index.js';

export const inlineThreads: Threads = {
  start: (work, options, { onReply, onEnd }) => {
    const answer = work.begin(structuredClone(options));
    let last = Promise.resolve();
    let ended = false;
    return {
      ask: (job) => {
        const copy = structuredClone(job);
        last = last.then(async () => {
          if (ended) return;
          const reply = await answer(copy)
            .then((value) => ({ value: structuredClone(value) }))
            .catch((error: unknown) => ({ fault: error instanceof Error ? error : new Error(String(error)) }));
          if (ended) return;
          if ('value' in reply) return onReply(reply.value);
          // As a thread ends of what nobody caught.
          ended = true;
          onEnd(reply.fault);
        });
      },
      end: async () => {
        ended = true;
        await last;
      },
    };
  },
};
