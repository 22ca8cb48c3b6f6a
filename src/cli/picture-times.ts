// What predict says of its time: the median over pictures, at the size at which the network saw them.

import type { PictureTime } from '../library/predict-pictures.js';

/** The first one's holds the warm-up, so it counts only where it is alone. */
export function pictureTimesText(times: readonly PictureTime[]): string {
  const counted = times.length > 1 ? times.slice(1) : times;
  const sorted = counted.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const sizes = [...new Set(counted.map(({ size: { width, height } }) => `${width}×${height}`))];
  const size = sizes.length === 1 ? ` of ${sizes[0]}` : ` of ${sizes.length} sizes`;
  return times.length > 1
    ? `median ${middle.toFixed(1)} ms an image${size}, without the first`
    : `${middle.toFixed(1)} ms an image${size}, warm-up in it`;
}
