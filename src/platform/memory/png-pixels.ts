// Pixels of a PNG file as other decoders give them: palettes as their colours, grey of 1, 2 and 4 bits as 8, a transparent colour as
// alpha, upright as EXIF says. Unfolded and unfiltered by fast-png.

import { decode } from 'fast-png';
import { withoutInterlacing } from '../../core/data/png-interlaced.js';
import { shownSize, uprightOrder } from '../../core/data/upright-map.js';
import type { DecodedPixels } from '../../core/platform/index.js';
import type { PngHeader } from './png-chunks.js';

/** Of eight bits, alpha too. */
export function pngBytes(header: PngHeader): DecodedPixels<Uint8Array> {
  const { width, height, bits, palette, storedChannels } = header;
  const { data } = decode(withoutInterlacing(header.pixelsAlone()));
  if (bits === 16 || data instanceof Uint16Array) throw new Error(`has ${bits} bits a channel; up to 8 are decoded here`);
  const values = bits < 8 ? unpacked(data, header) : data;
  if (palette) return upright(coloursOf(values, palette, header), header, (length) => new Uint8Array(length));
  const white = 255 / (2 ** bits - 1);
  const shown = bits < 8 ? Uint8Array.from(values, (v) => v * white) : new Uint8Array(values);
  const stored = { width, height, channels: storedChannels, data: shown };
  const pixels = withAlpha(stored, values, header, 255, new Uint8Array((storedChannels + 1) * width * height));
  return upright(pixels, header, (length) => new Uint8Array(length));
}

/** Of sixteen bits, alpha too. */
export function pngWords(header: PngHeader): DecodedPixels<Uint16Array> {
  const { width, height, bits, storedChannels } = header;
  const { data } = decode(header.pixelsAlone());
  if (bits !== 16 || !(data instanceof Uint16Array)) throw new Error(`has ${bits} bits a channel, not 16`);
  const stored = { width, height, channels: storedChannels, data };
  const pixels = withAlpha(stored, data, header, 65_535, new Uint16Array((storedChannels + 1) * width * height));
  return upright(pixels, header, (length) => new Uint16Array(length));
}

/** Rows start at whole bytes, the first value in the high bits. */
function unpacked(data: ArrayLike<number>, { width, height, bits }: PngHeader): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 8);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      out[y * width + x] = ((data[y * rowBytes + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
    }
  return out;
}

/** Colours that are not there are black, alpha that is not there is opaque. */
function coloursOf(indices: ArrayLike<number>, palette: Uint8Array, { width, height, transparency }: PngHeader): DecodedPixels<Uint8Array> {
  const channels = transparency ? 4 : 3;
  const data = new Uint8Array(channels * width * height);
  for (let i = 0; i < width * height; i++) {
    const index = indices[i] ?? 0;
    data.set(palette.subarray(3 * index, 3 * index + 3), channels * i);
    if (transparency) data[channels * i + 3] = transparency[index] ?? 255;
  }
  return { width, height, channels, data };
}

/** @param values as they are stored, which the transparent colour is compared with @param into one more channel a pixel */
function withAlpha<T extends Uint8Array | Uint16Array>(
  stored: DecodedPixels<T>,
  values: ArrayLike<number>,
  { bits, transparency }: PngHeader,
  opaque: number,
  into: T,
): DecodedPixels<T> {
  if (!transparency) return stored;
  const { width, height, channels, data } = stored;
  const colour = Array.from(
    { length: channels },
    (_, c) => ((transparency[2 * c] ?? 0) * 256 + (transparency[2 * c + 1] ?? 0)) & (2 ** bits - 1),
  );
  for (let i = 0; i < width * height; i++) {
    into.set(data.subarray(channels * i, channels * (i + 1)), (channels + 1) * i);
    const isTransparent = colour.every((value, c) => value === values[channels * i + c]);
    into[(channels + 1) * i + channels] = isTransparent ? 0 : opaque;
  }
  return { width, height, channels: channels + 1, data: into };
}

function upright<T extends Uint8Array | Uint16Array>(
  stored: DecodedPixels<T>,
  { orientation }: PngHeader,
  make: (length: number) => T,
): DecodedPixels<T> {
  const order = uprightOrder(stored, orientation);
  if (!order) return stored;
  const { channels, data } = stored;
  const turned = make(data.length);
  for (const [i, from] of order.entries()) turned.set(data.subarray(channels * from, channels * (from + 1)), channels * i);
  return { ...shownSize(stored, orientation), channels, data: turned };
}
