// Depth maps as files: grey PNG of 16 bits a pixel in some unit (NYUDv2: millimetres, KITTI: 1/256 metre), 0 where nothing
// was measured.

import { writeFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import { DataError } from './errors.js';
import type { DepthMap } from './maps.js';
import { readPng } from './png.js';

const remedy = 'depth maps are grey PNG files of 16 bits a pixel';

/** @param scale stored units of a metre */
export async function readDepth(file: string, scale: number): Promise<DepthMap> {
  const { width, height, channels, data, depth } = await readPng(file, remedy);
  if (channels !== 1 || depth !== 16) throw new DataError(`${file}: the depth map has ${channels} channel(s) of ${depth} bits; ${remedy}`);
  return { width, height, metres: Float32Array.from(data, (v) => v / scale) };
}

/** Metres beyond what 16 bits hold become the largest; NaN and what is not positive is written as not measured. */
export function encodeDepth({ width, height, metres }: DepthMap, scale: number): Uint8Array {
  const data = Uint16Array.from(metres, (m) => (m > 0 ? Math.max(1, Math.min(65_535, Math.round(m * scale))) : 0));
  return encode({ width, height, data, channels: 1, depth: 16 });
}

export function writeDepth(file: string, map: DepthMap, scale: number): Promise<void> {
  return writeFile(file, encodeDepth(map, scale));
}
