// The images that a trial's pictures belong to, with their truth, kept in the run's database beside them.

import { type Dataset, encodeJpeg, frame, loadSample } from '../data/index.js';
import { encodeDepiction } from '../model/index.js';
import { type Preset, taskOf } from '../preset/index.js';
import { seededRandom, type Random } from '../random/index.js';
import { splitTraining } from './prepare.js';
import type { TrialStore } from './trial-store.js';

/** In the database's `meta`: how many images architectures are scored on. */
const countKey = 'scored images';

/** Undefined in runs of earlier versions. */
export function scoredImages(store: TrialStore): number | undefined {
  const count = Number(store.get(countKey) ?? Number.NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}

/**
 * Keeps images as trials come that have pictures of them: which those are, nobody knows before.
 * @param random seeded with the search's seed
 */
export function photoKeeper(
  store: TrialStore,
  dataset: Dataset,
  preset: Preset,
  random: Random,
): (images: readonly number[]) => Promise<void> {
  const task = taskOf(preset, preset.validation.framing);
  const { labelling } = dataset;
  const { metaVal } = splitTraining(dataset, preset.data.metaTrainShare, random.fork('split'));
  store.set(countKey, String(metaVal.length));
  return async (images) => {
    for (const number of images) {
      const sample = metaVal[number];
      if (!sample || store.photo(number)) continue;
      const { image, truth } = await frame(await loadSample(sample, labelling), preset.validation.framing, labelling, seededRandom(0));
      store.keepPhoto(number, { jpeg: await encodeJpeg(image), truth: encodeDepiction(task.depictTruth(truth), task.description) });
    }
  };
}
