// Threads where there are none: the work is done in between, a job after the other.

import type { Threads } from '../../core/platform/index.js';

export const inlineThreads: Threads = {
  start: (work, options, { onReply }) => {
    const answer = work.begin(structuredClone(options));
    let last = Promise.resolve();
    let ended = false;
    return {
      ask: (job) => {
        const copy = structuredClone(job);
        last = last.then(async () => {
          if (ended) return;
          const reply = await answer(copy);
          if (!ended) onReply(structuredClone(reply));
        });
      },
      end: async () => {
        ended = true;
        await last;
      },
    };
  },
};
