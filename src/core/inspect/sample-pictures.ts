// A few samples of a data set with what is known of them laid over: for people to see that both belong together.

import { type Dataset, encodeJpeg, readDepthOf, readImage, readRawLabels, resizeImage, type RgbImage, type Sample } from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { overlayDepiction } from '../model/index.js';
import type { Depiction, TaskDescription } from '../task/index.js';
import { type SplitName, splitNames } from './data-card.js';

/** Of each list. */
const shownSamples = 3;
const shownWidth = 420;

export interface SamplePicture {
  readonly split: SplitName;
  readonly file: string;
  /** Of the photograph, and with its labels, depth or people over it, JPEG; or why it cannot be shown. */
  readonly pictures: readonly [photograph: Uint8Array, labelled: Uint8Array] | string;
}

/** Evenly spaced over the lists. */
export async function samplePictures(dataset: Dataset, description: TaskDescription): Promise<SamplePicture[]> {
  const shown: SamplePicture[] = [];
  for (const split of splitNames) {
    const samples = dataset[split];
    const count = Math.min(shownSamples, samples.length);
    for (let k = 0; k < count; k++) {
      const sample = samples[Math.floor(((k + 0.5) * samples.length) / count)];
      if (sample) shown.push({ split, file: sample.image, pictures: await picturesOf(sample, dataset, description) });
    }
  }
  return shown;
}

async function picturesOf(
  sample: Sample,
  { labelling, ...lists }: Dataset,
  description: TaskDescription,
): Promise<SamplePicture['pictures']> {
  try {
    const image = await readImage(sample.image, labelling);
    const others = [...lists.train, ...lists.val].filter((other) => other.image === sample.image);
    let over: RgbImage = image;
    for (const each of 'person' in sample ? others : [sample])
      over = await overlayDepiction(over, await depict(each, image, labelling), description, 0.6);
    return [await thumbnail(image), await thumbnail(over)];
  } catch (error) {
    return reasonOf(error);
  }
}

async function depict(sample: Sample, { width, height }: RgbImage, labelling: Dataset['labelling']): Promise<Depiction> {
  if ('person' in sample) return { kind: 'joints', width, height, joints: sample.person.joints };
  if ('mask' in sample && labelling.kind === 'masks') {
    const labels = await readRawLabels(sample, labelling);
    if (labels.width !== width || labels.height !== height)
      throw new Error(`the mask is ${labels.width}×${labels.height}, the picture ${width}×${height}`);
    // Labels beyond a byte have no colour of their own: white, like every label without a class.
    return { kind: 'labels', width, height, data: Uint8Array.from(labels.data, (label) => Math.min(label, 255)) };
  }
  if ('depth' in sample && labelling.kind === 'depth') return { kind: 'depth', ...(await readDepthOf(sample, labelling)) };
  throw new RangeError(`a sample among ${labelling.kind}`);
}

async function thumbnail(image: RgbImage): Promise<Uint8Array> {
  const width = Math.min(shownWidth, image.width);
  return encodeJpeg(await resizeImage(image, width, Math.max(1, Math.round((image.height * width) / image.width))));
}
