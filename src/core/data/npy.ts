// NumPy's .npy files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), as maps of one value a pixel.

import { open } from 'node:fs/promises';
import { reasonOf } from '../errors/index.js';
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
  const handle = await open(file).catch((error: unknown) => {
    throw new DataError(`${file}: ${reasonOf(error)}; ${remedy}`);
  });
  try {
    const { size } = await handle.stat();
    const start = Buffer.alloc(12);
    await handle.read(start, 0, 12, 0);
    if (start.toString('latin1', 0, 6) !== '\u0093NUMPY') throw new DataError(`${file}: is no .npy file; ${remedy}`);
    const [version = 0] = start.subarray(6, 7);
    const [at, length] = version === 1 ? [10, start.readUInt16LE(8)] : [12, start.readUInt32LE(8)];
    if (length > 65_536) throw new DataError(`${file}: its header is ${length} bytes long; ${remedy}`);
    const text = Buffer.alloc(length);
    await handle.read(text, 0, length, at);
    const header = parseHeader(text.toString('latin1'));
    const kind = header && kinds[header.descr.slice(1)];
    if (!header || !kind) throw new DataError(`${file}: holds ${header?.descr ?? 'what cannot be read'}; ${remedy}`);
    const shape = header.shape.length === 3 ? header.shape.filter((n, axis) => !(n === 1 && (axis === 0 || axis === 2))) : header.shape;
    const [height, width, ...more] = shape;
    if (!height || !width || more.length > 0) throw new DataError(`${file}: has the shape [${header.shape.join(', ')}]; ${remedy}`);
    refuseSize(file, { width, height }, check);
    const [bytes, read] = kind;
    if (size < at + length + bytes * width * height) throw new DataError(`${file}: is cut off; write it again`);
    const content = Buffer.alloc(bytes * width * height);
    await handle.read(content, 0, content.length, at + length);
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    const little = !header.descr.startsWith('>');
    const data = new Float64Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) data[y * width + x] = read(view, bytes * (header.byColumns ? x * height + y : y * width + x), little);
    return { width, height, data, isFloat: header.descr[1] === 'f' };
  } finally {
    await handle.close();
  }
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
