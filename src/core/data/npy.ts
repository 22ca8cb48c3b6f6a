// NumPy's .npy files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), as maps of one value a pixel.

import { reasonOf } from '../errors/index.js';
import { files } from '../platform/index.js';
import { DataError } from './errors.js';
import { halfToFloat } from './half.js';
import { refuseSize, type Size, type SizeCheck } from './sizes.js';

export interface NpyMap extends Size {
  readonly data: Float64Array;
  readonly isFloat: boolean;
}

type Reader = (view: DataView, at: number, little: boolean) => number;

const kinds: Readonly<Record<string, readonly [bytes: number, read: Reader]>> = {
  f2: [2, (view, at, little) => halfToFloat(view.getUint16(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  u1: [1, (view, at) => view.getUint8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i1: [1, (view, at) => view.getInt8(at)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  b1: [1, (view, at) => view.getUint8(at)],
};

/** Of shape [H, W], or with an axis of 1 beside. @throws DataError naming the file */
export async function readNpy(file: string, check?: SizeCheck): Promise<NpyMap> {
  const remedy = 'expected an array of [height, width] of numbers, as numpy.save writes it';
  const opened = await files()
    .open(file)
    .catch((error: unknown) => {
      throw new DataError(`${file}: ${reasonOf(error)}; ${remedy}`);
    });
  try {
    const start = await opened.read(0, 12);
    if (latin(start.subarray(0, 6)) !== '\u0093NUMPY' || start.length < 12) throw new DataError(`${file}: is no .npy file; ${remedy}`);
    const words = new DataView(start.buffer, start.byteOffset, start.byteLength);
    const [at, length] = words.getUint8(6) === 1 ? [10, words.getUint16(8, true)] : [12, words.getUint32(8, true)];
    if (length > 65_536) throw new DataError(`${file}: its header is ${length} bytes long; ${remedy}`);
    const header = parseHeader(latin(await opened.read(at, length)));
    const kind = header && kinds[header.descr.slice(1)];
    if (!header || !kind) throw new DataError(`${file}: holds ${header?.descr ?? 'what cannot be read'}; ${remedy}`);
    const shape = header.shape.length === 3 ? header.shape.filter((n, axis) => !(n === 1 && (axis === 0 || axis === 2))) : header.shape;
    const [height, width, ...more] = shape;
    if (!height || !width || more.length > 0) throw new DataError(`${file}: has the shape [${header.shape.join(', ')}]; ${remedy}`);
    refuseSize(file, { width, height }, check);
    const [bytes, read] = kind;
    if (opened.size < at + length + bytes * width * height) throw new DataError(`${file}: is cut off; write it again`);
    const content = await opened.read(at + length, bytes * width * height);
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    const little = !header.descr.startsWith('>');
    const data = new Float64Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) data[y * width + x] = read(view, bytes * (header.byColumns ? x * height + y : y * width + x), little);
    return { width, height, data, isFloat: header.descr[1] === 'f' };
  } finally {
    await opened.close();
  }
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function parseHeader(text: string): { descr: string; byColumns: boolean; shape: number[] } | undefined {
  const [, descr] = /'descr':\s*'([<>|=][a-z]\d+)'/.exec(text) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, shape] = /'shape':\s*\(([\d,\s]*)\)/.exec(text) ?? [];
  if (descr === undefined || order === undefined || shape === undefined) return undefined;
  return {
    descr,
    byColumns: order === 'True',
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
  };
}
