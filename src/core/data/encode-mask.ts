// Labels as a picture file, on any platform.

import { encode } from 'fast-png';
import type { LabelMap } from './maps.js';
import { labelColour } from './palette.js';

/** Labels as a PNG with a palette: the value of a pixel is its label, shown in the label's colour. Other labels become white. */
export function encodeMask({ width, height, data }: LabelMap, classes: number): Uint8Array {
  const others = data.reduce((most, label) => Math.max(most, label), 0) + 1 - classes;
  const white = Array.from({ length: Math.max(0, others) }, () => [255, 255, 255]);
  const palette = [...Array.from({ length: classes }, (_, label) => [...labelColour(label)]), ...white];
  return encode({ width, height, data, channels: 1, depth: 8, palette });
}
