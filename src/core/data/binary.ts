// Masks of 0 and 255, as tools for cutting out objects write them. Whether a data set is of this kind is asked of several of
// its masks; one that is not, among the others, is refused when it is read.

import type { MaskLabelling, MaskSample } from './dataset.js';
import { DataError } from './errors.js';
import { readStoredMask } from './stored-mask.js';

/** Masks that are looked at. */
const looks = 64;

export async function isBinary(samples: readonly MaskSample[], { classes }: MaskLabelling): Promise<boolean> {
  const step = Math.max(1, samples.length / looks);
  const seen = new Set<number>();
  for (let i = 0; i < samples.length; i += step) {
    const sample = samples[Math.floor(i)];
    // What cannot be read is said when it is needed, with its name.
    const stored = sample && (await readStoredMask(sample.mask).catch((error: unknown) => ignoreData(error)));
    if (!stored) continue;
    if (stored.kind === 'colours') return false;
    for (const value of stored.data) if (value !== 0 && value !== 255) return false;
    for (const value of stored.data) seen.add(value);
  }
  // Without a class 1 in the preset's sense, 255 alone is a mask of which nothing is labelled.
  return seen.has(0) && seen.has(255) && classes.length <= 2;
}

function ignoreData(error: unknown): undefined {
  if (error instanceof DataError) return undefined;
  throw error;
}
