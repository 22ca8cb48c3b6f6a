// How long the parts of a full training take on this machine: measured with the architecture, the data and the recipe that it is for.

import { type Dataset, SamplePool } from '../../core/data/index.js';
import { fullRecipe } from '../../core/fit/index.js';
import { joinNetwork } from '../../core/model/index.js';
import type { EncoderWeights } from '../../core/nn/index.js';
import { taskOf, type TrainPreset } from '../../core/preset/index.js';
import type { Random } from '../../core/random/index.js';
import type { Runtime } from '../../core/runtime/index.js';
import type { Architecture } from '../../core/space/index.js';
import { loadImageSet, openFullTraining, validateNetwork } from '../../core/train/index.js';

export interface StepTimes {
  /** Seconds of an epoch's steps. */
  readonly epoch: number;
  /** Seconds of a validation. */
  readonly validation: number;
}

/** The first are slower: memory is taken, images are decoded. */
const warmUp = 2;
const measured = 6;
const measuredImages = 8;

export async function measureStepTimes(
  runtime: Runtime,
  preset: TrainPreset,
  {
    genotype,
    dataset,
    encoder,
    random,
  }: { readonly genotype: Architecture; readonly dataset: Dataset; readonly encoder: EncoderWeights; readonly random: Random },
): Promise<StepTimes> {
  const recipe = fullRecipe(preset);
  const { framing } = preset.train.validation;
  const task = taskOf(preset, framing);
  const { labelling } = dataset;
  const perEpoch = Math.max(1, Math.floor(dataset.train.length / Math.min(recipe.batch, dataset.train.length)));
  const steps = Math.min(perEpoch, warmUp + measured);
  const samples = dataset.train.slice(0, Math.max(1, steps * Math.min(recipe.batch, dataset.train.length)));
  const training = await openFullTraining(runtime, { genotype, recipe, task, samples, labelling, encoder, random });
  const pool = new SamplePool();
  try {
    const at: number[] = [performance.now()];
    // The second epoch where there are few: by then images have been decoded.
    for (let epoch = 0; at.length <= warmUp + measured && epoch < warmUp + measured; epoch++)
      await training.runEpoch(() => at.push(performance.now()));
    const times = at.slice(1).map((time, k) => time - (at[k] ?? time));
    const settled = times.slice(Math.min(warmUp, times.length - 1));
    const mean = settled.reduce((sum, time) => sum + time, 0) / settled.length / 1000;
    const shown = dataset.val.slice(0, measuredImages).map((sample) => ({ sample, seed: 0 }));
    const images = await loadImageSet(pool.stream(shown, framing, labelling), task, framing.height, framing.width);
    const network = { genotype, decoder: recipe.decoder, task, parameters: training.parameters() };
    // Opening the session is part of every validation; the joined network is what is written then.
    const started = performance.now();
    const { width, sepRepeats } = recipe.decoder;
    joinNetwork(encoder, network.parameters, { genotype, task: task.description, width, sepRepeats });
    await validateNetwork(runtime, images, encoder, network);
    const seconds = (performance.now() - started) / 1000;
    return { epoch: mean * perEpoch, validation: seconds * Math.max(1, dataset.val.length / Math.max(1, shown.length)) };
  } finally {
    await pool.close();
    await training.close();
  }
}
