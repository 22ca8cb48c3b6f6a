// TIFF files as other programs write them, byte by byte, for the tests.

import { deflateSync } from 'node:zlib';

export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** The samples' type: unsigned, signed, float, and bits. */
  readonly type: 'u8' | 'u16' | 'u32' | 'i16' | 'i32' | 'f16' | 'f32' | 'f64';
  /** 1: grey, 2: RGB, 5: CMYK. */
  readonly photometric: number;
  /** What each channel beyond the colours is: 0 not said, 1 or 2 alpha. */
  readonly extraSamples?: readonly number[];
  readonly maxSampleValue?: number;
  readonly orientation?: number;
  readonly isBig?: boolean;
  /** Rows of a strip compressed by zlib. */
  readonly deflatedRows?: number;
}

/** Values as bytes, in either order. */
function packValues(values: readonly number[], type: TiffOptions['type'], little: boolean): Uint8Array {
  const size = Number(type.slice(1)) / 8;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  const write: Record<TiffOptions['type'], (i: number, v: number) => void> = {
    u8: (i, v) => view.setUint8(i, v),
    u16: (i, v) => view.setUint16(2 * i, v, little),
    f16: (i, v) => view.setUint16(2 * i, v, little),
    i16: (i, v) => view.setInt16(2 * i, v, little),
    u32: (i, v) => view.setUint32(4 * i, v, little),
    i32: (i, v) => view.setInt32(4 * i, v, little),
    f32: (i, v) => view.setFloat32(4 * i, v, little),
    f64: (i, v) => view.setFloat64(8 * i, v, little),
  };
  for (const [i, v] of values.entries()) write[type](i, v);
  return bytes;
}

/** @param values interleaved; halves as their 16 bits */
export function tiff(values: readonly number[], options: TiffOptions): Uint8Array {
  const { width, height, channels, type, photometric, extraSamples = [], maxSampleValue, orientation, isBig = false } = options;
  const little = !isBig;
  const bits = Number(type.slice(1));
  const format = type.startsWith('f') ? 3 : type.startsWith('i') ? 2 : 1;
  const each = (value: number): number[] => new Array<number>(channels).fill(value);
  const raw = packValues(values, type, little);
  const rows = options.deflatedRows ?? height;
  const strips = Array.from({ length: Math.ceil(height / rows) }, (_, k) => {
    const row = (width * channels * bits) / 8;
    const strip = raw.subarray(k * rows * row, (k + 1) * rows * row);
    return options.deflatedRows === undefined ? strip : deflateSync(strip);
  });
  const entries: [tag: number, values: number[], isLong?: boolean][] = [
    [256, [width]],
    [257, [height]],
    [258, each(bits)],
    [259, [options.deflatedRows === undefined ? 1 : 8]],
    [262, [photometric]],
    [273, strips.map(() => 0), true],
    ...(orientation === undefined ? [] : ([[274, [orientation]]] as [number, number[]][])),
    [277, [channels]],
    [278, [rows]],
    [279, strips.map((strip) => strip.length), true],
    ...(maxSampleValue === undefined ? [] : ([[281, each(maxSampleValue)]] as [number, number[]][])),
    [284, [1]],
    ...(extraSamples.length === 0 ? [] : ([[338, [...extraSamples]]] as [number, number[]][])),
    [339, each(format)],
  ];
  // Header, directory, lists that do not fit an entry, strips.
  const directory = 8;
  let free = directory + 2 + 12 * entries.length + 4;
  const places = entries.map(([, list, isLong = false]) => {
    const size = list.length * (isLong ? 4 : 2);
    const place = size <= 4 ? undefined : free;
    if (place !== undefined) free += size;
    return place;
  });
  const offsets = strips.map((strip) => {
    const at = free;
    free += strip.length;
    return at;
  });
  const bytes = new Uint8Array(free);
  const view = new DataView(bytes.buffer);
  bytes.set(little ? [0x49, 0x49, 42, 0] : [0x4d, 0x4d, 0, 42]);
  view.setUint32(4, directory, little);
  view.setUint16(directory, entries.length, little);
  entries.forEach(([tag, list, isLong = false], k) => {
    const at = directory + 2 + 12 * k;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, isLong ? 4 : 3, little);
    view.setUint32(at + 4, list.length, little);
    const place = places[k];
    if (place !== undefined) view.setUint32(at + 8, place, little);
    (tag === 273 ? offsets : list).forEach((value, i) => {
      const where = (place ?? at + 8) + i * (isLong ? 4 : 2);
      if (isLong) view.setUint32(where, value, little);
      else view.setUint16(where, value, little);
    });
  });
  strips.forEach((strip, k) => {
    bytes.set(strip, offsets[k]);
  });
  return bytes;
}
