// Masks: PNG files of one label a pixel, grey or palette-indexed. The palette's colours mean nothing; sharp would
// give those, so masks are decoded by fast-png, which gives the indices.

import { writeFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import { DataError } from './errors.js';
import type { RgbImage } from './image.js';
import type { LabelMap } from './maps.js';
import { labelColour } from './palette.js';
import { readPng } from './png.js';

const remedy = 'masks are PNG files with one 8-bit label a pixel (grey or palette)';

export async function readMask(file: string): Promise<LabelMap> {
  const { width, height, channels, data, depth } = await readPng(file, remedy);
  if (channels > 2 || depth > 8) throw new DataError(`${file}: the mask has ${channels} channels of ${depth} bits; ${remedy}`);
  // Grey with alpha: the label is the first of two.
  const labels = new Uint8Array(width * height);
  if (depth === 8) for (let i = 0; i < labels.length; i++) labels[i] = Number(data[i * channels] ?? 0);
  else unpackBits(labels, data, width, height, depth);
  return { width, height, data: labels };
}

/** Labels of 1, 2 or 4 bits: rows start at whole bytes, the first label in the high bits. */
function unpackBits(labels: Uint8Array, data: ArrayLike<number>, width: number, height: number, depth: number): void {
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = (1 << depth) - 1;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)] ?? 0;
      labels[y * width + x] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
}

/** Labels as a PNG with a palette: the value of a pixel is its label, shown in the label's colour. Other labels become white. */
export function encodeMask({ width, height, data }: LabelMap, classes: number): Uint8Array {
  const others = data.reduce((most, label) => Math.max(most, label), 0) + 1 - classes;
  const white = Array.from({ length: Math.max(0, others) }, () => [255, 255, 255]);
  const palette = [...Array.from({ length: classes }, (_, label) => [...labelColour(label)]), ...white];
  return encode({ width, height, data, channels: 1, depth: 8, palette });
}

/** Writes labels as `encodeMask` makes them. */
export function writeMask(file: string, labels: LabelMap, classes: number): Promise<void> {
  return writeFile(file, encodeMask(labels, classes));
}

/** The image under its labels' colours; other labels become white. @param opacity of the colours, 0 to 1 */
export function overlay(image: RgbImage, labels: LabelMap, classes: number, opacity: number): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < labels.data.length; i++) {
    const label = labels.data[i] ?? 0;
    const colour = label < classes ? labelColour(label) : [255, 255, 255];
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round((1 - opacity) * (image.data[3 * i + c] ?? 0) + opacity * (colour[c] ?? 0));
  }
  return { width: image.width, height: image.height, data };
}
