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

/** How an image becomes a sample of known size. */
export type Framing =
  /** Stretched to the size. */
  | { readonly kind: 'resize'; readonly width: number; readonly height: number }
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

/** @param random drawn from only by the framing `random`. */
export async function frame({ image, labels }: LabelledImage, framing: Framing, ignore: number, random: Random): Promise<LabelledImage> {
  const { width, height } = framing;
  if (framing.kind === 'resize') return { image: await resizeImage(image, width, height), labels: resizeLabels(labels, width, height) };
  const [low, high] = framing.kind === 'random' ? framing.scale : [1, 1];
  const factor = ((low + (high - low) * random.next()) * framing.side) / Math.min(image.width, image.height);
  const [w, h] = [Math.round(image.width * factor), Math.round(image.height * factor)];
  const resized = { image: await resizeImage(image, w, h), labels: resizeLabels(labels, w, h) };
  const place = (size: number, wanted: number): number =>
    framing.kind === 'centre'
      ? Math.floor((size - wanted) / 2)
      : size > wanted
        ? random.integer(size - wanted + 1)
        : -random.integer(wanted - size + 1);
  const window = { left: place(w, width), top: place(h, height), width, height };
  return crop(resized, window, ignore, framing.kind === 'random' && framing.mirror && random.next() < 0.5);
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
