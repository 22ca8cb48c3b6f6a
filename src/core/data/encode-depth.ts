// Depths as a picture file, on any platform.

import { encode } from 'fast-png';
import type { DepthMap } from './maps.js';

/** Metres beyond what 16 bits hold become the largest; NaN and what is not positive is written as not measured. */
export function encodeDepth({ width, height, metres }: DepthMap, scale: number): Uint8Array {
  const data = Uint16Array.from(metres, (m) => (m > 0 ? Math.max(1, Math.min(65_535, Math.round(m * scale))) : 0));
  return encode({ width, height, data, channels: 1, depth: 16 });
}
