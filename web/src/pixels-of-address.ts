// Pictures of predictions and truths as pixels: labels or depths are read back from their colours.

import { useEffect, useState } from 'react';
import { depthLevels, labelColour, levelColour, levelDepth, type Rgb } from '../../src/core/data/palette.js';
import type { DepthRange } from './depth-scale';

/** In the place of a label: nobody said one. */
export const noLabel = 255;

const most = 200;
/** Those that were looked at last. */
const known = new Map<string, Promise<ImageData>>();

/** @throws where there is no such picture */
function pixelsOf(address: string): Promise<ImageData> {
  const before = known.get(address);
  if (before) return before;
  const pixels = load(address);
  known.set(address, pixels);
  for (const old of [...known.keys()].slice(0, Math.max(0, known.size - most))) known.delete(old);
  return pixels;
}

async function load(address: string): Promise<ImageData> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** By address; what cannot be loaded is left out. */
export function usePixels(addresses: readonly string[]): ReadonlyMap<string, ImageData> {
  const [loaded, setLoaded] = useState<ReadonlyMap<string, ImageData>>(new Map());
  const key = addresses.join('\n');
  useEffect(() => {
    let gone = false;
    const each = key === '' ? [] : key.split('\n');
    Promise.all(
      each.map((address) =>
        pixelsOf(address).then(
          (pixels): [string, ImageData][] => [[address, pixels]],
          () => [],
        ),
      ),
    ).then((found) => !gone && setLoaded(new Map(found.flat())));
    return () => {
      gone = true;
    };
  }, [key]);
  return loaded;
}

/** The label of every pixel of a mask in the labels' colours. */
export function labelsOf(mask: ImageData, classes: number): Uint8Array {
  const labels = new Map(Array.from({ length: classes }, (_, label) => [packed(labelColour(label)), label]));
  return Uint8Array.from(eachPixel(mask, (colour) => labels.get(colour) ?? noLabel));
}

/** Metres of every pixel of a map in the colours of depth; 0: not known. */
export function metresOf(map: ImageData, { minDepth, maxDepth }: DepthRange): Float32Array {
  const metres = new Map(
    Array.from({ length: depthLevels }, (_, level) => [packed(levelColour(level)), levelDepth(level, minDepth, maxDepth)]),
  );
  return Float32Array.from(eachPixel(map, (colour) => metres.get(colour) ?? 0));
}

function eachPixel({ data }: ImageData, meaningOf: (colour: number) => number): number[] {
  return Array.from({ length: data.length / 4 }, (_, i) =>
    meaningOf(packed([data[4 * i] ?? 0, data[4 * i + 1] ?? 0, data[4 * i + 2] ?? 0])),
  );
}

function packed([r, g, b]: Rgb): number {
  return (r << 16) | (g << 8) | b;
}
