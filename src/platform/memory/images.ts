// Pictures without a system's decoders: PNG, by fast-png. Other kinds are refused; a page reads them with `src/platform/web`.

import { decode, encode } from 'fast-png';
import { resizePixels } from '../../core/data/resize-pixels.js';
import { type DecodedPixels, files, type Images, type PictureHeader, type PictureSource } from '../../core/platform/index.js';

async function bytesOf(source: PictureSource): Promise<Uint8Array> {
  return typeof source === 'string' ? files().read(source) : source;
}

async function png(source: PictureSource): Promise<ReturnType<typeof decode>> {
  const bytes = await bytesOf(source);
  if (bytes[0] !== 0x89 || bytes[1] !== 0x50) throw new Error('is no PNG, and nothing else is decoded here');
  return decode(bytes);
}

const unread = (what: string) => async (): Promise<never> => {
  throw new Error(`${what} is not to be had here: PNG alone is read, and nothing is drawn`);
};

async function header(source: PictureSource): Promise<PictureHeader> {
  const { width, height, depth, channels, palette } = await png(source);
  const count = palette ? (palette[0]?.length ?? 3) : channels;
  return {
    width,
    height,
    orientation: 1,
    hasAlpha: count === 2 || count === 4,
    bits: depth,
    values: depth === 16 ? 'uint16' : 'uint8',
    channels: count,
    isMultiband: false,
    hasPalette: palette !== undefined,
    pages: 1,
    format: 'png',
  };
}

/** Colours of eight bits, alpha as it is stored. */
async function colours(source: PictureSource): Promise<DecodedPixels<Uint8Array>> {
  const { width, height, depth, channels, data, palette } = await png(source);
  const count = width * height;
  if (palette && depth === 8) {
    const [first] = palette;
    const perPixel = first?.length ?? 3;
    const out = new Uint8Array(perPixel * count);
    for (let i = 0; i < count; i++) out.set(palette[Number(data[i] ?? 0)] ?? [], perPixel * i);
    return { width, height, channels: perPixel, data: out };
  }
  if (depth !== 8 || !(data instanceof Uint8Array)) throw new Error(`has ${depth} bits a channel; 8 are decoded here`);
  return { width, height, channels, data };
}

function shown(stored: DecodedPixels<Uint8Array>, background: readonly number[] | undefined): DecodedPixels<Uint8Array> {
  const { width, height, channels, data } = stored;
  const visible = channels >= 3 ? 3 : 1;
  if (visible === channels) return stored;
  const out = new Uint8Array(visible * width * height);
  for (let i = 0; i < width * height; i++) {
    const share = background ? (data[channels * i + visible] ?? 255) / 255 : 1;
    for (let c = 0; c < visible; c++)
      out[visible * i + c] = Math.round(share * (data[channels * i + c] ?? 0) + (1 - share) * (background?.[c] ?? 0));
  }
  return { width, height, channels: visible, data: out };
}

export const pngImages: Images = {
  header,
  decodeShown: async (source, background) => shown(await colours(source), background),
  decodeBytes: colours,
  decodeWords: async (source, kind) => {
    const { width, height, depth, channels, data } = await png(source);
    if (depth !== 16 || !(data instanceof Uint16Array)) throw new Error(`has ${depth} bits a channel, not 16`);
    if (kind === 'grey' && channels >= 3) throw new Error(`has ${channels} channels, not one`);
    return { width, height, channels, data };
  },
  decodeFloats: unread('a picture of floats'),
  resize: async (image, width, height) => resizePixels(image, width, height).data,
  compose: unread('a canvas'),
  encode: async ({ width, height, data }, format) => {
    if (format === 'jpeg') throw new Error('JPEG is not written here; write PNG');
    return new Uint8Array(encode({ width, height, data, channels: 3, depth: 8 }));
  },
};
