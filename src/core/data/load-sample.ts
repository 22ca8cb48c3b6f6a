// A sample's files, decoded; image and truth belong together, or it is said what does not.

import type { DepthSample, Labelling, MaskLabelling, MaskSample, Sample } from './dataset.js';
import { readDepthOf } from './depth.js';
import { DataError } from './errors.js';
import { describeImage, readImage, type RgbImage } from './image.js';
import type { LabelledImage } from './loader.js';
import { anyDepth, type DepthMap, type LabelMap, measuredOnly, resizeDepths, unlabelled } from './maps.js';
import { toBytes } from './mask.js';
import { noLabel } from './mask-coding.js';
import { type RawLabels, readRawLabels } from './raw-labels.js';
import type { Size, SizeCheck } from './sizes.js';

/** @throws DataError naming the file */
export async function loadSample(sample: Sample, labelling: Labelling): Promise<LabelledImage> {
  const image = await readImage(sample.image, labelling);
  if ('person' in sample) return { image, truth: sample.person };
  return {
    image,
    truth: 'mask' in sample ? await readLabels(sample, labelling, image) : await readMatchingDepth(sample, labelling, image),
  };
}

async function readLabels(sample: MaskSample, labelling: Labelling, image: RgbImage): Promise<LabelMap> {
  if (labelling.kind !== 'masks') throw new RangeError(`${sample.mask}: a mask among samples of ${labelling.kind}`);
  const raw = await fitting('mask', 'size', sample.image, image, (check) => readRawLabels(sample, labelling, image, check));
  checkLabels(sample.mask, raw, labelling);
  // From here on there is one way to say that a pixel has no label, also where the ignored one is that of a class.
  const labels = toBytes(raw.data, sample.mask);
  const data = labelling.ignore === unlabelled ? labels : labels.map((label) => (label === labelling.ignore ? unlabelled : label));
  return { width: raw.width, height: raw.height, data };
}

/** @throws DataError for a value that no class has: file, value, place, how often */
function checkLabels(
  file: string,
  { data, width, strange: [first, ...more] }: RawLabels,
  { classes, ignore, coding }: MaskLabelling,
): void {
  const remedy = 'correct the mask, or data.classes and data.ignore in the preset';
  if (first) {
    const what = first.isColour ? `the colour ${first.value}` : `the value ${first.value}`;
    const others = more.length === 0 ? '' : `, and so are ${more.length} other(s)`;
    const means = first.isColour
      ? `is of no class${others}; put it into class_dict.csv (lines of name,r,g,b) in the data folder, or into data.colours in the preset`
      : coding?.kind === 'binary'
        ? `is neither 0 nor 255 as in the other masks${others}; ${remedy}`
        : `is of no class${others}; ${remedy}`;
    throw new DataError(`${file}: ${what} at (${first.x}, ${first.y}), ${first.count} pixel(s), ${means}`);
  }
  const at = data.findIndex((label) => label >= classes.length && label !== ignore);
  if (at < 0) return;
  const wrong = data[at] ?? noLabel;
  let count = 0;
  for (const label of data) if (label === wrong) count++;
  throw new DataError(
    `${file}: label ${wrong} with ${classes.length} classes (0 … ${classes.length - 1}, ignore ${ignore}) at (${at % width}, ${Math.floor(at / width)}), ${count} pixel(s); ${remedy}`,
  );
}

async function readMatchingDepth(sample: DepthSample, labelling: Labelling, image: RgbImage): Promise<DepthMap> {
  if (labelling.kind !== 'depth') throw new RangeError(`a depth map among samples of ${labelling.kind}`);
  const map = await fitting('depth map', 'shape', sample.image, image, (check) => readDepthOf(sample, labelling, check));
  // What does not count is 0 before anything is resized or zoomed: a 65535 that stands for a hole must not become a depth.
  const metres = measuredOnly(map.metres, labelling.range ?? anyDepth);
  return resizeDepths({ ...map, metres }, image.width, image.height);
}

/** @param read gets the check, which refuses before anything is decoded */
async function fitting<T>(
  what: string,
  kind: 'size' | 'shape',
  file: string,
  image: Size,
  read: (check: SizeCheck) => Promise<T>,
): Promise<T> {
  const fits = kind === 'size' ? isSameSize : isSameShape;
  let other: Size | undefined;
  const check: SizeCheck = (size) => {
    if (fits(size, image)) return undefined;
    other = size;
    return `the ${what} is ${size.width}×${size.height}, its image ${file} is ${image.width}×${image.height}; they must be of one size${kind === 'shape' ? ', or of one shape' : ''}`;
  };
  try {
    return await read(check);
  } catch (error) {
    if (!other || !(error instanceof DataError)) throw error;
    const { turned, orientation } = await describeImage(file);
    if (!turned || !fits({ width: other.height, height: other.width }, image)) throw error;
    throw new DataError(
      `${error.message}: EXIF turns the image (orientation ${orientation}) and the ${what} fits it as it is stored; turn the ${what} as viewers show the image, or take the orientation out of the image`,
    );
  }
}

function isSameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

/** Sensors of depth often have fewer pixels: one is the other made smaller, each side rounded to whole pixels. */
function isSameShape(a: Size, b: Size): boolean {
  const [large, small] = a.width * a.height >= b.width * b.height ? [a, b] : [b, a];
  const difference = Math.abs(small.width * large.height - small.height * large.width);
  // Of maps of few pixels rounding explains any shape; more than 5 % is another one.
  return difference < Math.max(large.width, large.height) && difference <= 0.05 * small.height * large.width;
}
