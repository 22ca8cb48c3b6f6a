// Masks: PNG files of one label a pixel, grey or palette-indexed. The palette's colours mean nothing; sharp would
// give those, so masks are decoded by fast-png, which gives the indices.

import { readFile } from 'node:fs/promises';
import { decode } from 'fast-png';
import { DataError } from './errors.js';
import { fileError, type LabelMap } from './image.js';

const remedy = 'masks are PNG files with one 8-bit label a pixel (grey or palette)';

export async function readMask(file: string): Promise<LabelMap> {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(await readFile(file));
  } catch (error) {
    throw fileError(file, error, remedy);
  }
  const { width, height, channels, data, depth } = png;
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
