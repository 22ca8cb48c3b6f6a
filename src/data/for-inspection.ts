// TEMPORARY until layouts land.
import sharp from 'sharp';
import type { DepthSample, Labelling, MaskSample } from './dataset.js';
import { readDepth } from './depth.js';
import { readMask } from './mask.js';
export async function describeImage(file: string) {
  const m = await sharp(file).metadata();
  return {
    width: m.width,
    height: m.height,
    orientation: m.orientation ?? 1,
    hasAlpha: m.hasAlpha,
    bits: m.depth === 'ushort' ? 16 : 8,
    channels: m.channels,
  };
}
export function readRawLabels(sample: MaskSample, _l: Labelling) {
  return readMask(sample.mask);
}
export function readDepthOf(sample: DepthSample, l: Extract<Labelling, { kind: 'depth' }>) {
  return readDepth(sample.depth, l.scale);
}
