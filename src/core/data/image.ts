// Images as pixels.

import { type DecodedPixels, files, images, path, type PictureHeader, type PictureSource } from '../platform/index.js';
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
    return factsOf(await images().header(bytes ?? file), tags?.hasAlpha);
  } catch (error) {
    throw await unreadable(file, error, bytes);
  }
}

function factsOf(header: PictureHeader, alpha: boolean | undefined): ImageFacts {
  const { width, height, orientation, hasAlpha, bits, values, channels, pages, format } = header;
  return {
    width,
    height,
    orientation,
    turned: orientation >= 5,
    hasAlpha: alpha ?? hasAlpha,
    bits,
    isFloat: values === 'float',
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
  const head = await files()
    .readStart(file, 12)
    .catch(() => new Uint8Array());
  return /^ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/.test(String.fromCharCode(...head.subarray(4)));
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
    const source = bytes ?? file;
    const header = await images().header(source);
    refuseSize(file, header);
    const facts = factsOf(header, tags?.hasAlpha);
    if (facts.channels > 4 || (facts.channels === 4 && header.isMultiband))
      throw new DataError(
        `${file}: the image has ${facts.channels} channels; save it as RGB, or as RGB with alpha or infrared as the fourth`,
      );
    if (facts.isFloat || facts.bits > 8) return await readDeep(file, source, facts, background);
    // Decoders lay grey over the grey of a colour.
    if (background && facts.hasAlpha && facts.channels === 2) return greyOver(await images().decodeBytes(source), background);
    const { width, height, channels, data } = await images().decodeShown(source, facts.hasAlpha ? background : undefined);
    return { width, height, data: channels === 3 ? data : toRgb(data, width * height, channels) };
  } catch (error) {
    throw await unreadable(file, error, bytes);
  }
}

/** Grey images stay grey when they are decoded. */
function toRgb(data: Uint8Array, count: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) rgb.fill(data[i * channels] ?? 0, 3 * i, 3 * i + 3);
  return rgb;
}

/** Grey and alpha in turns, or colours of one grey and alpha. */
function greyOver({ width, height, channels, data }: DecodedPixels<Uint8Array>, background: Rgb): RgbImage {
  const rgb = new Uint8ClampedArray(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const share = (data[channels * i + channels - 1] ?? 0) / 255;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = share * (data[channels * i] ?? 0) + (1 - share) * (background[c] ?? 0);
  }
  return { width, height, data: new Uint8Array(rgb.buffer) };
}

/** More than eight bits a channel: what is white is decided by the values. */
async function readDeep(
  file: string,
  source: PictureSource,
  { isFloat, channels, hasAlpha }: ImageFacts,
  background: Rgb | undefined,
): Promise<RgbImage> {
  const kind = channels < 3 ? 'grey' : 'rgb';
  const decoded = isFloat ? await images().decodeFloats(source, kind) : await images().decodeWords(source, kind);
  const { width, height, channels: stride, data: values } = decoded;
  const count = width * height;
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
  return { width, height, data: new Uint8Array(rgb.buffer) };
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
  return { width, height, data: await images().resize(image, width, height) };
}

export function encodeJpeg(image: RgbImage): Promise<Uint8Array> {
  return images().encode(image, 'jpeg');
}

/** Of JPEGs that are written as files. */
const fileQuality = 80;

/** Writes interleaved RGB as PNG or JPEG, by the file's ending. */
export async function writeImage(file: string, image: RgbImage): Promise<void> {
  const format = /^\.jpe?g$/i.test(path.extname(file)) ? 'jpeg' : 'png';
  await files().write(file, await images().encode(image, format, fileQuality));
}
