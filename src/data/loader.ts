// From files to what the encoder takes: decoded, checked, augmented, cropped.

import type { Random } from '../random/index.js';
import type { Dataset, Sample } from './dataset.js';
import { DataError } from './errors.js';
import { type LabelMap, readImage, resizeImage, resizeLabels, type RgbImage } from './image.js';
import { readMask } from './mask.js';

export interface LabelledImage {
  readonly image: RgbImage;
  readonly labels: LabelMap;
}

/** Random changes of colour, each factor uniform in 1 ± its value; torchvision's ColorJitter in this order. */
export interface ColourJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/** How an image becomes a sample of known size. */
export type Framing =
  /** Stretched to the size, in training perhaps mirrored. */
  | {
      readonly kind: 'resize';
      readonly width: number;
      readonly height: number;
      readonly mirror?: boolean | undefined;
      readonly jitter?: ColourJitter | undefined;
    }
  /** Shorter side resized to `side`, centre crop. */
  | { readonly kind: 'centre'; readonly side: number; readonly width: number; readonly height: number }
  /** Shorter side resized to `side` times a random scale, mirrored or not, random crop; outside: black, ignored. */
  | {
      readonly kind: 'random';
      readonly side: number;
      readonly width: number;
      readonly height: number;
      readonly scale: readonly [number, number];
      readonly mirror: boolean;
      readonly jitter?: ColourJitter | undefined;
    };

/** Decodes a sample and checks that image and mask belong together. */
export async function loadSample(
  { image: imageFile, mask: maskFile }: Sample,
  { classes, ignore }: Pick<Dataset, 'classes' | 'ignore'>,
): Promise<LabelledImage> {
  const [image, labels] = await Promise.all([readImage(imageFile), readMask(maskFile)]);
  if (image.width !== labels.width || image.height !== labels.height)
    throw new DataError(
      `${maskFile}: the mask is ${labels.width}×${labels.height}, its image ${imageFile} is ${image.width}×${image.height}; they must be of one size`,
    );
  const wrong = labels.data.find((label) => label >= classes.length && label !== ignore);
  if (wrong !== undefined)
    throw new DataError(
      `${maskFile}: label ${wrong} with ${classes.length} classes (0 … ${classes.length - 1}, ignore ${ignore}); correct the mask, or data.classes and data.ignore in the preset`,
    );
  return { image, labels };
}

/** @param random drawn from only where the framing leaves something to chance. */
export async function frame(sample: LabelledImage, framing: Framing, ignore: number, random: Random): Promise<LabelledImage> {
  const framed = await place(sample, framing, ignore, random);
  const jitter = framing.kind === 'centre' ? undefined : framing.jitter;
  return jitter ? { ...framed, image: jitterColours(framed.image, jitter, random) } : framed;
}

async function place({ image, labels }: LabelledImage, framing: Framing, ignore: number, random: Random): Promise<LabelledImage> {
  const { width, height } = framing;
  if (framing.kind === 'resize') {
    const resized = { image: await resizeImage(image, width, height), labels: resizeLabels(labels, width, height) };
    if (!framing.mirror || random.next() >= 0.5) return resized;
    return crop(resized, { left: 0, top: 0, width, height }, ignore, true);
  }
  const [low, high] = framing.kind === 'random' ? framing.scale : [1, 1];
  const factor = ((low + (high - low) * random.next()) * framing.side) / Math.min(image.width, image.height);
  const [w, h] = [Math.round(image.width * factor), Math.round(image.height * factor)];
  const resized = { image: await resizeImage(image, w, h), labels: resizeLabels(labels, w, h) };
  const offset = (size: number, wanted: number): number =>
    framing.kind === 'centre'
      ? Math.floor((size - wanted) / 2)
      : size > wanted
        ? random.integer(size - wanted + 1)
        : -random.integer(wanted - size + 1);
  const window = { left: offset(w, width), top: offset(h, height), width, height };
  return crop(resized, window, ignore, framing.kind === 'random' && framing.mirror && random.next() < 0.5);
}

/** Grey as ITU-R 601 weighs it. */
function luma(r: number, g: number, b: number): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

function jitterColours({ width, height, data }: RgbImage, { brightness, contrast, saturation }: ColourJitter, random: Random): RgbImage {
  const factor = (strength: number): number => 1 + strength * (2 * random.next() - 1);
  const [b, c, s] = [factor(brightness), factor(contrast), factor(saturation)];
  let total = 0;
  for (let i = 0; i < data.length; i += 3) total += luma(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
  // Contrast is about the brightened image's mean grey: v ↦ c(bv − mean) + mean, which keeps greys grey.
  const mean = (b * total) / (width * height);
  const [gain, lift] = [c * b, (1 - c) * mean];
  const jittered = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const red = gain * (data[i] ?? 0) + lift;
    const green = gain * (data[i + 1] ?? 0) + lift;
    const blue = gain * (data[i + 2] ?? 0) + lift;
    const grey = (1 - s) * luma(red, green, blue);
    jittered[i] = s * red + grey;
    jittered[i + 1] = s * green + grey;
    jittered[i + 2] = s * blue + grey;
  }
  return { width, height, data: new Uint8Array(jittered.buffer) };
}

interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A window of the image, which may reach beyond it, mirrored if wanted. */
function crop({ image, labels }: LabelledImage, { left, top, width, height }: Window, ignore: number, mirrored: boolean): LabelledImage {
  const pixels = new Uint8Array(width * height * 3);
  const cut = new Uint8Array(width * height).fill(ignore);
  for (let y = 0; y < height; y++) {
    const sy = y + top;
    if (sy < 0 || sy >= image.height) continue;
    for (let x = 0; x < width; x++) {
      const sx = left + (mirrored ? width - 1 - x : x);
      if (sx < 0 || sx >= image.width) continue;
      const from = sy * image.width + sx;
      const to = y * width + x;
      pixels[3 * to] = image.data[3 * from] ?? 0;
      pixels[3 * to + 1] = image.data[3 * from + 1] ?? 0;
      pixels[3 * to + 2] = image.data[3 * from + 2] ?? 0;
      cut[to] = labels.data[from] ?? ignore;
    }
  }
  return { image: { width, height, data: pixels }, labels: { width, height, data: cut } };
}
