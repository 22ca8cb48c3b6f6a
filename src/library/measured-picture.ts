// What is measured to choose a device for a model that is trained: one picture.

import { Predictor } from '../core/model/index.js';
import type { Runtime } from '../core/runtime/index.js';
import { type InputSize, inputSizeOf, peopleCropOf } from '../core/task/index.js';

/** Where a model takes pictures as they are. */
const usual = { width: 640, height: 480 };
const times = 3;
/** Milliseconds after which what has been timed is enough. */
const patience = 5000;

/** Milliseconds of the network alone, the fastest of up to three, behind one that is not timed. @param size unless it is what the model says */
export function pictureMilliseconds(file: string, size?: InputSize): (runtime: Runtime) => Promise<number> {
  return async (runtime) => {
    const predictor = await Predictor.open(runtime, file);
    try {
      const { task } = predictor.card;
      const { width, height } = peopleCropOf(task) ?? inputSizeOf(size ?? predictor.input, usual);
      const picture = { width, height, data: new Uint8Array(3 * width * height).fill(128) };
      await predictor.output(picture);
      let least = Number.POSITIVE_INFINITY;
      const started = performance.now();
      for (let k = 0; k < times && (k === 0 || performance.now() - started < patience); k++) {
        const begun = performance.now();
        await predictor.output(picture);
        least = Math.min(least, performance.now() - begun);
      }
      return least;
    } finally {
      await predictor.close();
    }
  };
}
