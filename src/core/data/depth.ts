// Depth maps as files: grey PNG of 16 bits a pixel in some unit (NYUDv2: millimetres, KITTI: 1/256 metre), 0 where nothing
// was measured; TIFF or NPY of floats in metres, where 0, NaN and infinity are not measured.

import { files, images, path } from '../platform/index.js';
import type { DepthLabelling, DepthSample } from './dataset.js';
import { encodeDepth } from './encode-depth.js';
import { DataError } from './errors.js';
import { fileError } from './image.js';
import type { DepthMap } from './maps.js';
import { readNpy } from './npy.js';
import { readPng } from './png.js';
import { refuseSize, type SizeCheck } from './sizes.js';
import { shownSize, uprightOrder } from './upright-map.js';

const remedy = 'depth maps are grey PNG files of 16 bits a pixel, or TIFF or NPY of metres as floats';

export interface StoredDepth extends DepthMap {
  /** Stored as whole numbers, which a scale makes metres of. */
  readonly isWhole: boolean;
  /** Pixels below 0, which are not measured. */
  readonly negative: number;
}

/**
 * @param scale stored units of a metre, where values are whole numbers
 * @param check may refuse the size before anything is decoded
 */
export async function readDepth(file: string, scale: number, check?: SizeCheck): Promise<StoredDepth> {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.npy') {
    const { width, height, data, isFloat } = await readNpy(file, check);
    return { width, height, ...toMetres(data, isFloat, scale) };
  }
  if (ending === '.tif' || ending === '.tiff') return readTiff(file, scale, check);
  const { width, height, channels, data, depth, orientation } = await readPng(file, remedy, check);
  if (channels !== 1 || depth !== 16) throw new DataError(`${file}: the depth map has ${channels} channel(s) of ${depth} bits; ${remedy}`);
  const metres = Float32Array.from(data, (v) => v / scale);
  const order = uprightOrder({ width, height }, orientation);
  const shown = shownSize({ width, height }, orientation);
  return { ...shown, isWhole: true, negative: 0, metres: order ? metres.map((_, i) => metres[order[i] ?? 0] ?? 0) : metres };
}

/** @throws DataError naming the file */
export function readDepthOf({ depth }: DepthSample, { scale }: DepthLabelling, check?: SizeCheck): Promise<StoredDepth> {
  return readDepth(depth, scale, check);
}

/** What is no positive number was not measured. */
function toMetres(values: ArrayLike<number>, isFloat: boolean, scale: number): Pick<StoredDepth, 'metres' | 'isWhole' | 'negative'> {
  const unit = isFloat ? 1 : scale;
  let negative = 0;
  const metres = Float32Array.from(values, (v) => {
    if (v < 0) negative++;
    return v > 0 && Number.isFinite(v) ? v / unit : 0;
  });
  return { metres, isWhole: !isFloat, negative };
}

async function readTiff(file: string, scale: number, check: SizeCheck | undefined): Promise<StoredDepth> {
  try {
    const { channels, values, bits, width, height } = await images().header(file);
    refuseSize(file, { width, height }, check);
    const isFloat = values === 'float';
    if (channels !== 1 || !(isFloat || values === 'uint16'))
      throw new DataError(`${file}: the depth map has ${channels} channel(s) of ${bits} bits; ${remedy}`);
    const { data } = isFloat ? await images().decodeFloats(file, 'grey') : await images().decodeWords(file, 'grey');
    return { width, height, ...toMetres(data, isFloat, scale) };
  } catch (error) {
    throw error instanceof DataError ? error : fileError(file, error, remedy);
  }
}

export function writeDepth(file: string, map: DepthMap, scale: number): Promise<void> {
  return files().write(file, encodeDepth(map, scale));
}
