// Confidence intervals of figures over a set of images: the percentile bootstrap (Efron and Tibshirani 1993, chapter 13), which draws whole
// images, because pixels of one image are not independent.

import type { Random } from '../../core/random/index.js';

export interface Interval {
  readonly value: number;
  /** 2.5 and 97.5 %. */
  readonly low: number;
  readonly high: number;
}

const replicates = 1000;

/** Below it what is drawn anew from the images is much alike, and intervals are too narrow. */
const enoughImages = 10;

export function isOfFewImages(images: number): boolean {
  return images < enoughImages;
}

/**
 * @param images what was counted of each image; counts add up
 * @param figures from counts that were added up; one that means nothing is NaN
 * @returns an interval a figure; NaN where it means nothing on all images
 */
export function bootstrap(
  images: readonly (readonly number[])[],
  figures: (counts: readonly number[]) => readonly number[],
  random: Random,
): Interval[] {
  const whole = figures(sumOf(images));
  const drawn: number[][] = whole.map(() => []);
  for (let r = 0; r < replicates; r++) {
    const sample = images.map(() => images[random.integer(images.length)] ?? []);
    figures(sumOf(sample)).forEach((value, k) => {
      if (Number.isFinite(value)) drawn[k]?.push(value);
    });
  }
  return whole.map((value, k) => {
    const values = (drawn[k] ?? []).toSorted((a, b) => a - b);
    return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

function sumOf(images: readonly (readonly number[])[]): number[] {
  const sum = Array.from({ length: images[0]?.length ?? 0 }, () => 0);
  for (const counts of images) {
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (counts[k] ?? 0);
  }
  return sum;
}

/** Between neighbours, linearly. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? Number.NaN) - low);
}
