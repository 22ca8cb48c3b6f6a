// Whether an image can be held: said before it is tried, because Linux promises memory that it does not have and then ends
// the process, and with it the work on all other images.

import { DataError } from '../data/index.js';
import { platform } from '../platform/index.js';
import type { MapSize } from '../task/index.js';

/** A network's maps at once, of every pixel that goes in: measured on the published architectures, 470. */
const networkBytes = 500;
/** A picture as it was decoded, what is seen in it, and both encoded. */
const pictureBytes = 24;

/** @param available bytes @throws DataError where a network has no room for an image of this size */
export function requireMemory({ width, height }: MapSize, available = platform().freeMemory()): void {
  const needed = networkBytes * width * height;
  if (needed > available)
    throw new DataError(
      `the network would need about ${gigabytes(needed)} for an image of ${width}×${height}, ${gigabytes(available)} are free; let it see a smaller one`,
    );
}

/** @param file for messages @throws DataError where there is no room for the picture itself */
export function requireRoom(file: string, { width, height }: MapSize, available = platform().freeMemory()): void {
  const needed = pictureBytes * width * height;
  if (needed > available)
    throw new DataError(
      `${file}: a picture of ${width}×${height} takes about ${gigabytes(needed)}, ${gigabytes(available)} are free; make it smaller`,
    );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
