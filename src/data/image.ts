// Images as pixels: decoding and resizing by sharp.

import sharp from 'sharp';
import { DataError } from './errors.js';

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

/** As the file's head says, without decoding it; not turned. @throws DataError naming the file */
export async function imageSizeOf(file: string): Promise<{ readonly width: number; readonly height: number }> {
  try {
    const { width, height } = await sharp(file).metadata();
    return { width, height };
  } catch (error) {
    throw fileError(file, error, 'the image cannot be read: replace it or take it out of the list');
  }
}

/** Decodes any picture that sharp reads; upright as EXIF says; grey becomes RGB, and the colours under transparency stay. */
export async function readImage(file: string): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(file).autoOrient().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, data };
    // Grey images stay grey in sharp's raw output.
    const rgb = new Uint8Array(info.width * info.height * 3);
    for (let i = 0; i < info.width * info.height; i++) rgb.fill(data[i * info.channels] ?? 0, 3 * i, 3 * i + 3);
    return { width: info.width, height: info.height, data: rgb };
  } catch (error) {
    throw fileError(file, error, 'the image cannot be read: replace it or take it out of the list');
  }
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
