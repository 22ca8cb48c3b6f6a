// Pictures without a system's decoders: PNG, by fast-png. Other kinds are refused; a page reads them with `src/platform/web`.

import { encode } from 'fast-png';
import { resizePixels } from '../../core/data/resize-pixels.js';
import { shownSize } from '../../core/data/upright-map.js';
import { type DecodedPixels, files, type Images, type PictureHeader, type PictureSource } from '../../core/platform/index.js';
import { type PngHeader, readPngHeader } from './png-chunks.js';
import { pngBytes, pngWords } from './png-pixels.js';

async function png(source: PictureSource): Promise<PngHeader> {
  return readPngHeader(typeof source === 'string' ? await files().read(source) : source);
}

const unread = (what: string) => async (): Promise<never> => {
  throw new Error(`${what} is not to be had here: PNG alone is read, and nothing is drawn`);
};

async function header(source: PictureSource): Promise<PictureHeader> {
  const { bits, storedChannels, orientation, palette, transparency, ...stored } = await png(source);
  const channels = (palette ? 3 : storedChannels) + (transparency ? 1 : 0);
  return {
    ...shownSize(stored, orientation),
    orientation,
    hasAlpha: channels === 2 || channels === 4,
    bits,
    values: bits === 16 ? 'uint16' : 'uint8',
    channels,
    isMultiband: false,
    hasPalette: palette !== undefined,
    pages: 1,
    format: 'png',
  };
}

function shown(stored: DecodedPixels<Uint8Array>, background: readonly number[] | undefined): DecodedPixels<Uint8Array> {
  const { width, height, channels, data } = stored;
  const visible = channels >= 3 ? 3 : 1;
  if (visible === channels) return stored;
  const out = new Uint8Array(visible * width * height);
  for (let i = 0; i < width * height; i++) {
    const alpha = background ? (data[channels * i + visible] ?? 255) : 255;
    // What is left of a whole number goes, as in libvips, so that pictures are the same on every platform.
    for (let c = 0; c < visible; c++)
      out[visible * i + c] = Math.floor((alpha * (data[channels * i + c] ?? 0) + (255 - alpha) * (background?.[c] ?? 0)) / 255);
  }
  return { width, height, channels: visible, data: out };
}

export const pngImages: Images = {
  header,
  decodeShown: async (source, background) => shown(pngBytes(await png(source)), background),
  decodeBytes: async (source) => pngBytes(await png(source)),
  decodeWords: async (source, kind) => {
    const pixels = pngWords(await png(source));
    if (kind === 'grey' && pixels.channels >= 3) throw new Error(`has ${pixels.channels} channels, not one`);
    return pixels;
  },
  decodeFloats: unread('a picture of floats'),
  resize: async (image, width, height) => resizePixels(image, width, height).data,
  compose: unread('a canvas'),
  encode: async ({ width, height, data }, format) => {
    if (format === 'jpeg') throw new Error('JPEG is not written here; write PNG');
    return new Uint8Array(encode({ width, height, data, channels: 3, depth: 8 }));
  },
};
