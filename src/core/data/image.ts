// Images as pixels: decoding and resizing by sharp.

import { open } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { DataError } from './errors.js';
import type { Rgb } from './palette.js';
import { refuseSize } from './sizes.js';
import { readTiffTags, tiffProblem } from './tiff-tags.js';

/** Interleaved RGB, 0 … 255. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

// Determinism and our own workers: no thread pool of sharp's beside them.
sharp.concurrency(1);
sharp.cache(false);

/** @param remedy what to do about it */
export function fileError(file: string, error: unknown, remedy: string): DataError {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return new DataError(`${file}: ${reason}; ${remedy}`);
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** What a photograph's header says; no pixel is decoded for it. */
export interface ImageFacts {
  /** As a viewer shows it. */
  readonly width: number;
  readonly height: number;
  /** As EXIF has it: 1 is upright, 2 … 8 are mirrored or turned. */
  readonly orientation: number;
  /** Whether width and height are stored the other way round. */
  readonly turned: boolean;
  readonly hasAlpha: boolean;
  /** Of a channel. */
  readonly bits: number;
  readonly isFloat: boolean;
  /** With alpha. */
  readonly channels: number;
  /** Pages or frames; the first is read. */
  readonly pages: number;
  /** `jpeg`, `png`, … */
  readonly format: string;
}

/** @throws DataError naming the file */
export async function describeImage(file: string, { bytes }: Pick<ReadOptions, 'bytes'> = {}): Promise<ImageFacts> {
  try {
    const tags = await readTiffTags(file, bytes);
    return factsOf(await sharp(bytes ?? file, { limitInputPixels: false }).metadata(), tags?.hasAlpha);
  } catch (error) {
    throw await unreadable(file, error, bytes);
  }
}

function factsOf(metadata: Metadata, alpha: boolean | undefined): ImageFacts {
  const { orientation = 1, autoOrient, hasAlpha, depth, channels, pages = 1, format, bitsPerSample } = metadata;
  const bits = bitsPerSample ?? { uchar: 8, char: 8, ushort: 16, short: 16, uint: 32, int: 32, float: 32, double: 64 }[String(depth)] ?? 8;
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    orientation,
    turned: orientation >= 5,
    hasAlpha: alpha ?? hasAlpha,
    bits,
    isFloat: depth === 'float' || depth === 'double',
    channels,
    pages,
    format,
  };
}

async function unreadable(file: string, error: unknown, bytes: Uint8Array | undefined): Promise<DataError> {
  if (error instanceof DataError) return error;
  if (bytes) return fileError(file, error, 'it cannot be read: give another one');
  if (await isHeic(file))
    return new DataError(`${file}: HEIC is not read; export it as JPEG (on a phone: "most compatible"), with the same name but the ending`);
  return fileError(file, error, 'the image cannot be read: replace it or take it out of the list');
}

async function isHeic(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0);
      return /^ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/.test(buffer.toString('latin1', 4, 12));
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

export interface ReadOptions {
  /** What is laid under transparent parts; without it, alpha is left out and colours stay as they are. */
  readonly background?: Rgb | undefined;
  /** What the file would hold, where there is none: its name is then for messages. */
  readonly bytes?: Uint8Array | undefined;
}

/** Decodes any picture that sharp reads, upright as EXIF says; grey becomes RGB. */
export async function readImage(file: string, { background, bytes }: ReadOptions = {}): Promise<RgbImage> {
  try {
    const tags = await readTiffTags(file, bytes);
    const problem = tags && tiffProblem(tags);
    if (problem !== undefined) throw new DataError(`${file}: ${problem}`);
    const source = sharp(bytes ?? file, { limitInputPixels: false });
    const metadata = await source.metadata();
    refuseSize(file, metadata);
    const facts = factsOf(metadata, tags?.hasAlpha);
    if (facts.channels > 4 || (facts.channels === 4 && metadata.space === 'multiband'))
      throw new DataError(
        `${file}: the image has ${facts.channels} channels; save it as RGB, or as RGB with alpha or infrared as the fourth`,
      );
    const upright = source.autoOrient();
    if (facts.isFloat || facts.bits > 8) return await readDeep(file, upright, facts, background);
    const flat =
      background && facts.hasAlpha ? upright.flatten({ background: { r: background[0], g: background[1], b: background[2] } }) : upright;
    const { data, info } = await flat.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, data };
    return { width: info.width, height: info.height, data: toRgb(data, info.width * info.height, info.channels) };
  } catch (error) {
    throw await unreadable(file, error, bytes);
  }
}

/** Grey images stay grey in sharp's raw output. */
function toRgb(data: Uint8Array, count: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) rgb.fill(data[i * channels] ?? 0, 3 * i, 3 * i + 3);
  return rgb;
}

/** More than eight bits a channel: what is white is decided by the values. */
async function readDeep(
  file: string,
  source: Sharp,
  { isFloat, channels, hasAlpha }: ImageFacts,
  background: Rgb | undefined,
): Promise<RgbImage> {
  const isGrey = channels < 3;
  const raw = isFloat
    ? source.toColourspace(isGrey ? 'b-w' : 'scrgb').raw({ depth: 'float' })
    : source.toColourspace(isGrey ? 'grey16' : 'rgb16').raw({ depth: 'ushort' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const values = isFloat
    ? new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)
    : new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const count = info.width * info.height;
  const stride = info.channels;
  const colours = stride >= 3 ? 3 : 1;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++)
    for (let c = 0; c < colours; c++) {
      const v = values[i * stride + c] ?? 0;
      if (!Number.isFinite(v)) throw new DataError(`${file}: holds ${v}, which is no brightness; save the image as 8 bits a channel`);
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
  const white = isFloat ? whiteOfFloats(file, least, most) : whiteOfSixteenBits(most);
  const alphaAt = hasAlpha && background && stride > colours ? stride - 1 : undefined;
  const opaque = isFloat ? Math.max(white, 1) : 65_535;
  const rgb = new Uint8ClampedArray(3 * count);
  for (let i = 0; i < count; i++) {
    const share = alphaAt === undefined ? 1 : (values[i * stride + alphaAt] ?? 0) / opaque;
    for (let c = 0; c < 3; c++) {
      const v = (255 * (values[i * stride + (colours === 3 ? c : 0)] ?? 0)) / white;
      rgb[3 * i + c] = share * v + (1 - share) * (background?.[c] ?? 0);
    }
  }
  return { width: info.width, height: info.height, data: new Uint8Array(rgb.buffer) };
}

function whiteOfFloats(file: string, least: number, most: number): number {
  if (least >= 0 && most <= 1) return 1;
  if (least >= 0 && most > 2 && most <= 255) return 255;
  throw new DataError(
    `${file}: holds numbers from ${least} to ${most}, and it is not clear which is white; save the image with numbers of 0 … 1, or as 8 bits a channel`,
  );
}

/**
 * Cameras and scanners of 12 bits save them in 16, where they would be all but black, and so do programs with 8. A photograph of 16
 * bits whose brightest pixel is below 4096 would be black to the eye.
 */
function whiteOfSixteenBits(most: number): number {
  if (most === 0 || most > 4095) return 65_535;
  return most <= 255 ? 255 : 4095;
}

export async function resizeImage(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image;
  const data = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .raw()
    .toBuffer();
  return { width, height, data };
}

export function encodeJpeg(image: RgbImage): Promise<Uint8Array> {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** Writes interleaved RGB as PNG or JPEG, by the file's ending. */
export async function writeImage(file: string, image: RgbImage): Promise<void> {
  await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } }).toFile(file);
}
