// Masks as files: a label a pixel, shown in the labels' colours.

import { files } from '../platform/index.js';
import { encodeMask } from './encode-mask.js';
import { DataError } from './errors.js';
import type { RgbImage } from './image.js';
import type { LabelMap } from './maps.js';
import { labelColour } from './palette.js';
import { readRawLabels } from './raw-labels.js';

/** A mask whose values are its labels. @throws DataError naming the file */
export async function readMask(file: string): Promise<LabelMap> {
  const plain = { kind: 'masks', classes: [], ignore: 255 } as const;
  const { width, height, data, strange } = await readRawLabels({ image: file, mask: file }, plain);
  const [first] = strange;
  if (first)
    throw new DataError(`${file}: the mask has 3 channels and the colour ${first.value} at (${first.x}, ${first.y}), not a label a pixel`);
  return { width, height, data: toBytes(data, file) };
}

/** @throws DataError where a label is beyond what a byte holds */
export function toBytes(data: Uint8Array | Uint16Array, file: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const large = data.findIndex((label) => label > 255);
  if (large >= 0) throw new DataError(`${file}: holds the label ${data[large]}; labels go up to 255`);
  return Uint8Array.from(data);
}

/** Writes labels as `encodeMask` makes them. */
export function writeMask(file: string, labels: LabelMap, classes: number): Promise<void> {
  return files().write(file, encodeMask(labels, classes));
}

export interface OverlayOptions {
  /** Labels from here on are white. */
  readonly classes: number;
  /** Of the colours, 0 to 1. */
  readonly opacity: number;
  /** A label whose pixels stay as they are. */
  readonly clear?: number | undefined;
}

/** The image under its labels' colours. */
export function overlay(image: RgbImage, labels: LabelMap, { classes, opacity, clear }: OverlayOptions): RgbImage {
  const data = Uint8Array.from(image.data);
  for (let i = 0; i < labels.data.length; i++) {
    const label = labels.data[i] ?? 0;
    if (label === clear) continue;
    const colour = label < classes ? labelColour(label) : [255, 255, 255];
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round((1 - opacity) * (image.data[3 * i + c] ?? 0) + opacity * (colour[c] ?? 0));
  }
  return { width: image.width, height: image.height, data };
}
