// A mask as its file has it: values or colours, whatever they stand for. Decoders of pictures give a palette's colours, which in most
// masks mean nothing, so PNG is decoded by fast-png, which gives the indices.

import { files, images, path } from '../platform/index.js';
import { DataError } from './errors.js';
import { fileError, isJpeg } from './image.js';
import { lossOf } from './lossy.js';
import { readNpy } from './npy.js';
import type { Rgb } from './palette.js';
import { isPng, readPng, type StoredPng } from './png.js';
import { refuseSize, type Size, type SizeCheck } from './sizes.js';
import { readTiffTags } from './tiff-tags.js';
import { shownSize, uprightOrder } from './upright-map.js';

/** Upright, as viewers show it. */
export type StoredMask = Size & {
  /** The file says that it is to be turned, which was done. */
  readonly turned?: boolean;
} & (
    | {
        readonly kind: 'values';
        readonly data: Uint8Array | Uint16Array;
        /** The colour of each value, where the file has a palette. */
        readonly palette?: readonly Rgb[];
      }
    /** Interleaved RGB. */
    | { readonly kind: 'colours'; readonly data: Uint8Array; readonly channels: number }
  );

const remedy = 'masks are PNG files with one label a pixel (grey, palette, or colours of a map)';

/** @throws DataError naming the file */
export async function readStoredMask(file: string, check?: SizeCheck): Promise<StoredMask> {
  const head = await readHead(file);
  if (isPng(head)) return readPngMask(file, check);
  if (isJpeg(head)) throw lossyMask(file, 'JPEG');
  if (path.extname(file).toLowerCase() === '.npy') return readNpyMask(file, check);
  return readOtherMask(file, head, check);
}

function lossyMask(file: string, kind: string): DataError {
  return new DataError(`${file}: the mask is a ${kind}, which changes values at every edge; export it as PNG from where it was drawn`);
}

/** Enough to tell how a WebP was compressed, behind a profile of colours as well. */
const headBytes = 4096;

async function readHead(file: string): Promise<Uint8Array> {
  try {
    return await files().readStart(file, headBytes);
  } catch (error) {
    throw fileError(file, error, remedy);
  }
}

async function readPngMask(file: string, check: SizeCheck | undefined): Promise<StoredMask> {
  const { orientation, ...png } = await readPng(file, remedy, check);
  return upright(pngMask(file, png), orientation);
}

function upright(mask: StoredMask, orientation: number): StoredMask {
  const order = uprightOrder(mask, orientation);
  if (!order) return mask;
  const size = { ...shownSize(mask, orientation), turned: true };
  const { data } = mask;
  if (mask.kind === 'values') return { ...mask, ...size, data: mask.data.map((_, i) => data[order[i] ?? 0] ?? 0) };
  return { ...mask, ...size, data: mask.data.map((_, i) => data[3 * (order[Math.floor(i / 3)] ?? 0) + (i % 3)] ?? 0) };
}

/** @param file for messages */
export function pngMask(file: string, { width, height, channels, data, depth, palette }: Omit<StoredPng, 'orientation'>): StoredMask {
  const size = { width, height };
  if (channels >= 3) return coloursOrGrey(file, size, data, channels, depth);
  const count = width * height;
  if (depth === 16) return { ...size, kind: 'values', data: Uint16Array.from({ length: count }, (_, i) => data[i * channels] ?? 0) };
  // Grey with alpha: the label is the first of two.
  const labels = new Uint8Array(count);
  if (depth === 8) for (let i = 0; i < count; i++) labels[i] = Number(data[i * channels] ?? 0);
  else unpackBits(labels, data, width, height, depth);
  if (!palette) return { ...size, kind: 'values', data: labels };
  return { ...size, kind: 'values', data: labels, palette: palette.map(([r = 0, g = 0, b = 0]): Rgb => [r, g, b]) };
}

/** Three equal channels are a grey, and so a value. */
function coloursOrGrey(file: string, size: Size, data: ArrayLike<number>, channels: number, depth: number): StoredMask {
  const count = size.width * size.height;
  let isGrey = true;
  for (let i = 0; i < count && isGrey; i++) {
    const at = i * channels;
    isGrey = data[at] === data[at + 1] && data[at] === data[at + 2];
  }
  if (isGrey) {
    const values = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
    for (let i = 0; i < count; i++) values[i] = data[i * channels] ?? 0;
    return { ...size, kind: 'values', data: values };
  }
  if (depth !== 8) throw new DataError(`${file}: the mask has ${channels} channels of ${depth} bits; ${remedy}`);
  if (channels === 3 && data instanceof Uint8Array) return { ...size, kind: 'colours', data, channels };
  const rgb = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[i * channels + c] ?? 0;
  return { ...size, kind: 'colours', data: rgb, channels };
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

async function readNpyMask(file: string, check: SizeCheck | undefined): Promise<StoredMask> {
  const { width, height, data } = await readNpy(file, check);
  const wrong = data.find((v) => !(Number.isInteger(v) && v >= 0 && v < 65_536));
  if (wrong !== undefined) throw new DataError(`${file}: holds ${wrong}, which is no label; labels are whole numbers from 0 on`);
  return { width, height, kind: 'values', data: Uint16Array.from(data) };
}

/** TIFF, GIF and what else is decoded without loss. */
async function readOtherMask(file: string, head: Uint8Array, check: SizeCheck | undefined): Promise<StoredMask> {
  try {
    const header = await images().header(file);
    const loss = lossOf({ format: header.format, head, tags: await readTiffTags(file) });
    if (loss !== undefined) throw lossyMask(file, loss);
    refuseSize(file, header, check);
    if (header.pages > 1) throw new Error(`a mask of ${header.pages} pages, of which nobody knows which are the labels; save one alone`);
    if (header.values !== 'uint8' && header.values !== 'uint16')
      throw new Error(`a mask of ${header.format} with values of ${header.bits} bits${header.values === 'float' ? ' as floats' : ''}`);
    if (header.hasPalette && header.format === 'tiff') throw new Error('a mask as TIFF with a palette');
    const is16 = header.values === 'uint16';
    const { width, height, channels, data } = is16 ? await images().decodeWords(file, 'rgb') : await images().decodeBytes(file);
    const size = { width, height, turned: header.orientation > 1 };
    if (channels >= 3) return coloursOrGrey(file, size, data, channels, is16 ? 16 : 8);
    return { ...size, kind: 'values', data: data.filter((_, i) => i % channels === 0) };
  } catch (error) {
    throw error instanceof DataError ? error : fileError(file, error, remedy);
  }
}
