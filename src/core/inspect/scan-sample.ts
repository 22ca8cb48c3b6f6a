// One sample's files, read and counted.

import {
  describeImage,
  isFarthest,
  type Labelling,
  noLabel,
  readDepthOf,
  readImage,
  readRawLabels,
  type RgbImage,
  type Sample,
} from '../data/index.js';
import { reasonOf } from '../errors/index.js';
import { sha256 } from '../platform/index.js';
import { binOf, type DepthFacts, depthBins, type FileFault, type LabelFacts, type PictureFacts, type SampleFacts } from './facts.js';

export interface ScanRequest {
  readonly sample: Sample;
  /** A picture that shows several people is read once. */
  readonly skipsPicture: boolean;
}

/** Whatever cannot be read is a fault, not an exception: all of them are told at once. */
export async function scanSample({ sample, skipsPicture }: ScanRequest, labelling: Labelling): Promise<SampleFacts> {
  const faults: FileFault[] = [];
  const attempt = async <T>(file: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      // Messages of files begin with the file's name, which is told beside.
      faults.push({ file, reason: reasonOf(error).replace(`${file}: `, '') });
      return undefined;
    }
  };
  const image = skipsPicture ? undefined : await attempt(sample.image, () => readImage(sample.image, labelling));
  const picture = image && (await attempt(sample.image, () => pictureFacts(sample.image, image)));
  if ('mask' in sample) return { picture, truth: await attempt(sample.mask, () => labelFacts(sample, labelling, image)), faults };
  if ('depth' in sample) return { picture, truth: await attempt(sample.depth, () => depthFacts(sample, labelling)), faults };
  return { picture, faults };
}

async function pictureFacts(file: string, image: RgbImage): Promise<PictureFacts> {
  const { width, height, orientation, hasAlpha, bits, channels, pages } = await describeImage(file);
  return { width, height, orientation, hasAlpha, bits, channels, pages, content: contentOf(image), isOneColour: isOneColour(image) };
}

function contentOf({ width, height, data }: RgbImage): string {
  return sha256().update(`${width}x${height}`).update(data).digest();
}

function isOneColour({ data }: RgbImage): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}

async function labelFacts(
  sample: Extract<Sample, { mask: string }>,
  labelling: Labelling,
  image: RgbImage | undefined,
): Promise<LabelFacts> {
  if (labelling.kind !== 'masks') throw new RangeError(`a mask among samples of ${labelling.kind}`);
  // Shapes are drawn at the picture's size; what they say of it themselves is what must agree with it.
  let said: { readonly width: number; readonly height: number } | undefined;
  const raw = await readRawLabels(sample, labelling, undefined, (size) => {
    said = size;
    return undefined;
  });
  const { data, strange, palette, turned = false } = raw;
  const { width, height } = said ?? raw;
  const counts = new Uint32Array(2 ** (8 * data.BYTES_PER_ELEMENT));
  for (const label of data) counts[label] = (counts[label] ?? 0) + 1;
  const found: [number, number][] = [];
  for (const [label, pixels] of counts.entries()) if (pixels > 0 && label !== noLabel) found.push([label, pixels]);
  const values = strange.map(({ value, isColour, count }) => [isColour ? `rgb(${value})` : value, count] as const);
  return { kind: 'labels', width, height, turned, counts: found, strange: values, palette, isPicture: isPictureItself(data, image) };
}

/** Whether every label has one colour all over the picture, as in a mask and in no photograph. */
function isPictureItself(labels: ArrayLike<number>, image: RgbImage | undefined): boolean {
  if (!image || image.data.length !== 3 * labels.length) return false;
  const { data } = image;
  const colours = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    const colour = ((data[3 * i] ?? 0) << 16) | ((data[3 * i + 1] ?? 0) << 8) | (data[3 * i + 2] ?? 0);
    const known = colours.get(labels[i] ?? 0);
    if (known === undefined) colours.set(labels[i] ?? 0, colour);
    else if (known !== colour) return false;
  }
  return new Set(colours.values()).size === colours.size;
}

async function depthFacts(sample: Extract<Sample, { depth: string }>, labelling: Labelling): Promise<DepthFacts> {
  if (labelling.kind !== 'depth') throw new RangeError(`a depth map among samples of ${labelling.kind}`);
  const { width, height, metres, isWhole, negative } = await readDepthOf(sample, labelling);
  const bins = new Array<number>(depthBins).fill(0);
  let [measured, farthest] = [0, 0];
  for (const m of metres) {
    if (!(m > 0 && m < Number.POSITIVE_INFINITY)) continue;
    const bin = binOf(m);
    bins[bin] = (bins[bin] ?? 0) + 1;
    measured++;
    if (isFarthest(m, isWhole, labelling.scale)) farthest++;
  }
  return { kind: 'depth', width, height, pixels: metres.length, measured, isWhole, farthest, negative, bins };
}
