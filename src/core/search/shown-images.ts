// A few validation images with their truth, kept in the run's database beside what every trial made of them.

import { type Dataset, encodeJpeg, frame, loadSample } from '../data/index.js';
import { encodeDepiction } from '../model/index.js';
import { type Preset, taskOf } from '../preset/index.js';
import { seededRandom, type Random } from '../random/index.js';
import { shownOf, splitTraining } from './prepare.js';
import type { TrialStore } from './store.js';

/** @param random seeded with the search's seed */
export async function keepShownImages(store: TrialStore, dataset: Dataset, preset: Preset, random: Random): Promise<void> {
  if (store.shownCount() > 0) return;
  const task = taskOf(preset, preset.validation.framing);
  const { labelling } = dataset;
  const { metaVal } = splitTraining(dataset, preset.data.metaTrainShare, random.fork('split'));
  for (const [k, i] of shownOf(metaVal.length).entries()) {
    const sample = metaVal[i];
    if (!sample) continue;
    const { image, truth } = await frame(await loadSample(sample, labelling), preset.validation.framing, labelling, seededRandom(0));
    store.show(k, { jpeg: await encodeJpeg(image), truth: encodeDepiction(task.depictTruth(truth), task.description) });
  }
}
