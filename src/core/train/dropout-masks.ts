// What dropout leaves of its maps, drawn beside the batches: a function of the seed, the epoch's number and the step's, so that a
// training that was left goes on with the same ones.

import { type DropoutMask, drawMask } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { BatchSource } from './training-loop.js';

/** A source whose batches have the masks of dropout with them. */
export function withDropout(source: BatchSource, masks: readonly DropoutMask[], random: Random): BatchSource {
  if (masks.length === 0) return source;
  return {
    perEpoch: source.perEpoch,
    async *epoch(index, done) {
      let step = done;
      for await (const batch of source.epoch(index, done)) {
        const drawn = masks.map((mask) => {
          const data = drawMask(mask, random.fork(mask.name, index, step));
          return [mask.name, { data, dims: mask.shape }];
        });
        yield { ...batch, ...Object.fromEntries(drawn) };
        step++;
      }
    },
  };
}
