// A worker on a queue with a synthetic evaluator: node synthetic-worker.js URL SLOTS MILLISECONDS LOCK_SECONDS. Says what it does on
// standard output; in place of a version check it refuses runs whose seed is 666.

import '../../dist/platform/node/use-sqlite.js';
import { createHash } from 'node:crypto';
import { serveQueue } from '../../dist/platform/redis/index.js';
import { decoderWeightsOf } from './program-weights.js';

// A clock that is wrong: by so many milliseconds.
const skew = Number(process.env.AUXCELL_CLOCK_SKEW ?? 0);
const { now } = Date;
Date.now = () => now() + skew;

const [url, slots, milliseconds, lockSeconds] = process.argv.slice(2);
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort());
await serveQueue({
  url,
  slots: Number(slots),
  lockSeconds: Number(lockSeconds),
  heartbeat: 100,
  join: async (_run, { seed }) =>
    seed === 666
      ? { refusal: 'the data in ./data is not the search’s' }
      : {
          executor: {
            slots: Number(slots),
            evaluate: async ({ index, genotype, inherited }) => {
              if (inherited)
                console.log(
                  `#${index} inherits ${createHash('sha256').update(inherited.weights).digest('hex').slice(0, 32)}, ${inherited.epochs}`,
                );
              await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
              if (index % 11 === 0) throw new Error('this one cannot be trained');
              const reward = ((index * 37) % 101) / 101;
              return {
                reward,
                firstReward: reward,
                rungs: [],
                metrics: { meanIoU: reward },
                loss: 1,
                epochs: [],
                steps: 1,
                stage: 1,
                trainSeconds: 0,
                validationSeconds: 0,
                parameters: decoderWeightsOf(genotype, index),
              };
            },
            close: async () => {},
          },
        },
  say: (text) => console.log(text),
  signal: abort.signal,
});
