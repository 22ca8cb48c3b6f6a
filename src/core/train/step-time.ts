// How long a training step takes on a runtime: on drawn inputs, so that nothing has to be prepared for it.

import { initialise } from '../nn/index.js';
import type { Random } from '../random/index.js';
import type { Runtime, TensorValue } from '../runtime/index.js';
import { withDropout } from './dropout-masks.js';
import { buildTrainingStep, type StepOptions } from './step.js';
import { targetFeed } from './targets.js';
import { TrainingLoop } from './training-loop.js';

/** The first ones are slower: memory is taken, shaders are compiled. */
const warmUp = 2;
const timed = 3;
/** Milliseconds after which what has been timed is enough: a GPU that is none computes for minutes. */
const patience = 5000;

/** Milliseconds, the fastest of up to three. @throws whatever the runtime throws, as where a device has no memory for it */
export async function stepMilliseconds(runtime: Runtime, options: Omit<StepOptions, 'target'>, random: Random): Promise<number> {
  const { inputs, batch, task, targetShape } = options;
  const step = buildTrainingStep({ ...options, target: runtime.target });
  const drawn = random.fork('inputs');
  const floats = (dims: readonly number[]): TensorValue => ({
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 2 * drawn.next() - 1),
  });
  const [h, w] = targetShape;
  const counted = task.targetSpec(h, w).shape.reduce((a, b) => a * b, batch);
  const feeds: Readonly<Record<string, TensorValue>> = {
    ...(inputs.kind === 'taps'
      ? Object.fromEntries(inputs.shapes.map((shape, i) => [`tap${i}`, floats([batch, ...shape])]))
      : { image: floats([batch, 3, inputs.height, inputs.width]) }),
    target: targetFeed(task, new Float32Array(counted).fill(1), batch, targetShape),
  };
  const perEpoch = warmUp + timed;
  const source = {
    perEpoch,
    async *epoch(_: number, done: number) {
      for (let k = done; k < perEpoch; k++) yield feeds;
    },
  };
  const parameters = step.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : []));
  const fixed = inputs.kind === 'images' ? inputs.fixed : undefined;
  const loop = await TrainingLoop.open(runtime, {
    step,
    source: withDropout(source, step.masks, random),
    // Nothing is to be learnt, and nothing may diverge.
    rates: () => ({ learningRate: 0, encoderLearningRate: 0 }),
    initial: new Map([...initialise(parameters, random.fork('initial')), ...(fixed ?? [])]),
    nameOf: (_, k) => `in step ${k + 1} of what is measured`,
  });
  try {
    const at = [performance.now()];
    const enough = new AbortController();
    const onStep = (): void => {
      at.push(performance.now());
      if (at.length > 2 && performance.now() - (at[0] ?? 0) > patience) enough.abort();
    };
    await loop.runSteps(onStep, enough.signal).catch((error: unknown) => {
      if (!enough.signal.aborted) throw error;
    });
    const times = at.slice(1).map((time, k) => time - (at[k] ?? time));
    return Math.min(...times.slice(Math.min(warmUp, times.length - 1)));
  } finally {
    await loop.close();
  }
}
