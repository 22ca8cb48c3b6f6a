// How long the parts of a training take on this machine: measured with the architecture, the data and the recipe that it is for.

import { type Dataset, SamplePool } from '../../core/data/index.js';
import { fullRecipe } from '../../core/fit/index.js';
import { joinNetwork } from '../../core/model/index.js';
import type { EncoderWeights } from '../../core/nn/index.js';
import { stageRecipe, taskOf, type TrainPreset } from '../../core/preset/index.js';
import type { Random } from '../../core/random/index.js';
import type { Runtime } from '../../core/runtime/index.js';
import type { Architecture } from '../../core/space/index.js';
import type { Task } from '../../core/task/index.js';
import {
  augmentedRequests,
  buildTapCache,
  type EpochTraining,
  loadImageSet,
  openDecoderTraining,
  openFullTraining,
  validateNetwork,
} from '../../core/train/index.js';

/** Seconds, but for bytes. */
export interface StepTimes {
  /** Of the encoder's outputs on a sample, and the bytes of those. */
  readonly taps: number;
  readonly bytes: number;
  /** Of the decoder alone, a sample. */
  readonly decoder: number;
  /** Of the whole network, an epoch's steps. */
  readonly epoch: number;
  readonly validation: number;
}

/** The first are slower: memory is taken, images are decoded. */
const warmUp = 2;
const measured = 6;
const measuredImages = 8;
/** Batches of kept samples. */
const keptBatches = 2;

export interface MeasuredTraining {
  readonly genotype: Architecture;
  readonly dataset: Dataset;
  readonly encoder: EncoderWeights;
  readonly random: Random;
}

export async function measureStepTimes(runtime: Runtime, preset: TrainPreset, options: MeasuredTraining): Promise<StepTimes> {
  const pool = new SamplePool();
  const task = taskOf(preset, preset.train.validation.framing);
  try {
    return {
      ...(await decoderTimes(runtime, preset, task, pool, options)),
      ...(await wholeTimes(runtime, preset, task, pool, options)),
    };
  } finally {
    await pool.close();
  }
}

async function decoderTimes(
  runtime: Runtime,
  { train: { stage1, decoder } }: TrainPreset,
  task: Task,
  pool: SamplePool,
  { genotype, dataset, encoder, random }: MeasuredTraining,
): Promise<Pick<StepTimes, 'taps' | 'bytes' | 'decoder'>> {
  if (!stage1) return { taps: 0, bytes: 0, decoder: 0 };
  const { framing, batch } = stage1;
  const { width, height } = framing;
  const count = keptBatches * batch;
  const requests = augmentedRequests(dataset.train, count, random.fork('taps'));
  const at: { readonly done: number; readonly time: number }[] = [];
  const cache = await buildTapCache(runtime, pool.stream(requests, framing, dataset.labelling), {
    weights: encoder,
    count,
    width,
    height,
    task,
    targets: 'training',
    onProgress: (done) => at.push({ done, time: performance.now() }),
  });
  const [from, to] = [at[0], at.at(-1)];
  const taps = from && to && to.done > from.done ? (to.time - from.time) / 1000 / (to.done - from.done) : 0;
  const bytes = 4 * cache.shapes.reduce((sum, [c, h, w]) => sum + c * h * w, 0);
  const training = await openDecoderTraining(runtime, cache, { genotype, recipe: stageRecipe(stage1, decoder), task, encoder, random });
  return { taps, bytes, decoder: (await secondsAStep(training)) / Math.min(batch, count) };
}

async function wholeTimes(
  runtime: Runtime,
  preset: TrainPreset,
  task: Task,
  pool: SamplePool,
  { genotype, dataset, encoder, random }: MeasuredTraining,
): Promise<Pick<StepTimes, 'epoch' | 'validation'>> {
  const recipe = fullRecipe(preset);
  const { framing } = preset.train.validation;
  const { labelling, train } = dataset;
  const batch = Math.min(recipe.batch, train.length);
  const perEpoch = Math.max(1, Math.floor(train.length / batch));
  const samples = train.slice(0, Math.max(1, Math.min(perEpoch, warmUp + measured) * batch));
  const training = await openFullTraining(runtime, { genotype, recipe, task, samples, labelling, encoder, random });
  const parameters = training.parameters();
  const epoch = (await secondsAStep(training)) * perEpoch;
  const shown = dataset.val.slice(0, measuredImages).map((sample) => ({ sample, seed: 0 }));
  const images = await loadImageSet(pool.stream(shown, framing, labelling), task, framing.height, framing.width);
  // Opening the session is part of every validation; the joined network is what is written then.
  const started = performance.now();
  const { width, sepRepeats } = recipe.decoder;
  joinNetwork(encoder, parameters, { genotype, task: task.description, width, sepRepeats });
  await validateNetwork(runtime, images, encoder, { genotype, decoder: recipe.decoder, task, parameters });
  const seconds = (performance.now() - started) / 1000;
  return { epoch, validation: seconds * Math.max(1, dataset.val.length / Math.max(1, shown.length)) };
}

/** Of the steps that are measured; closes the training. */
async function secondsAStep(training: EpochTraining): Promise<number> {
  try {
    const at: number[] = [performance.now()];
    // Further epochs where there are few steps in one: by then images have been decoded.
    for (let epoch = 0; at.length <= warmUp + measured && epoch < warmUp + measured; epoch++)
      await training.runEpoch(() => at.push(performance.now()));
    const times = at.slice(1).map((time, k) => time - (at[k] ?? time));
    const settled = times.slice(Math.min(warmUp, times.length - 1));
    return settled.reduce((sum, time) => sum + time, 0) / settled.length / 1000;
  } finally {
    await training.close();
  }
}
