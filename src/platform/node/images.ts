// Pictures by sharp.

import type { OverlayOptions, Sharp } from 'sharp';
import type { Canvas, DecodedPixels, Images, Piece, PictureHeader, PictureSource, RgbPixels } from '../../core/platform/index.js';

let loading: Promise<typeof import('sharp').default> | undefined;

/** Loaded where the first picture is: most commands need none. */
async function loadSharp(): Promise<typeof import('sharp').default> {
  const { default: sharp } = await import('sharp');
  // Determinism and our own workers: no thread pool of sharp's beside them.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

const sharpOnce = (): Promise<typeof import('sharp').default> => {
  loading ??= loadSharp();
  return loading;
};

/** Sizes are looked at before anything is decoded, by whoever asks. */
const open = async (source: PictureSource): Promise<Sharp> => (await sharpOnce())(source, { limitInputPixels: false });

const pixelsOf = async ({ width, height, data }: RgbPixels): Promise<Sharp> =>
  (await sharpOnce())(data, { raw: { width, height, channels: 3 } });

const bitsOf: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16, uint: 32, int: 32, float: 32, double: 64 };

const valuesOf: Readonly<Record<string, PictureHeader['values']>> = { uchar: 'uint8', ushort: 'uint16', float: 'float', double: 'float' };

async function header(source: PictureSource): Promise<PictureHeader> {
  const {
    orientation = 1,
    autoOrient,
    hasAlpha,
    depth,
    channels,
    space,
    pages = 1,
    format,
    bitsPerSample,
    isPalette,
  } = await (await open(source)).metadata();
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    orientation,
    hasAlpha,
    bits: bitsPerSample ?? bitsOf[String(depth)] ?? 8,
    values: valuesOf[String(depth)] ?? 'other',
    channels,
    isMultiband: space === 'multiband',
    hasPalette: isPalette ?? false,
    pages,
    format,
  };
}

async function raw(picture: Sharp): Promise<DecodedPixels<Buffer>> {
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

export const nodeImages: Images = {
  header,
  decodeShown: async (source, background) => {
    const upright = (await open(source)).autoOrient();
    const [r, g, b] = background ?? [];
    return raw((background ? upright.flatten({ background: { r, g, b } }) : upright).toColourspace('srgb').removeAlpha().raw());
  },
  decodeBytes: async (source) => raw((await open(source)).autoOrient().raw()),
  decodeWords: async (source, colours) => {
    const space = colours === 'grey' ? 'grey16' : 'rgb16';
    const { data, ...rest } = await raw((await open(source)).autoOrient().toColourspace(space).raw({ depth: 'ushort' }));
    return { ...rest, data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) };
  },
  decodeFloats: async (source, colours) => {
    const space = colours === 'grey' ? 'b-w' : 'scrgb';
    const { data, ...rest } = await raw((await open(source)).autoOrient().toColourspace(space).raw({ depth: 'float' }));
    return { ...rest, data: new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4) };
  },
  resize: async (image, width, height) =>
    (await pixelsOf(image)).resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false }).raw().toBuffer(),
  compose: async ({ width, height, pieces }: Canvas) =>
    (await sharpOnce())({ create: { width, height, channels: 3, background: '#ffffff' } })
      .composite(pieces.map(layerOf))
      .removeAlpha()
      .raw()
      .toBuffer(),
  encode: async (image, format, quality = 88) => {
    const pixels = await pixelsOf(image);
    return new Uint8Array(await (format === 'jpeg' ? pixels.jpeg({ quality }) : pixels.png()).toBuffer());
  },
};

function layerOf(piece: Piece): OverlayOptions {
  const { left, top } = piece;
  if ('svg' in piece) return { input: Buffer.from(piece.svg), left, top };
  const { width, height, data } = piece.image;
  return { input: Buffer.from(data), raw: { width, height, channels: 3 }, left, top };
}
