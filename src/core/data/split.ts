// A split of data that has none: every fifth picture, by a hash of its name, is for validation. The same folder gives the
// same split on every machine and in every run, and most pictures stay where they are when others are added.

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Finding } from './finding.js';

export const splitSeed = 0;

/** Of pictures that are kept for validation. */
export const validationShare = 0.2;

export interface Split<S> {
  readonly train: readonly S[];
  readonly val: readonly S[];
}

/** @param folder which the names are relative to @param samples two or more */
export function drawSplit<S extends { readonly image: string }>(folder: string, samples: readonly S[], seed = splitSeed): Split<S> {
  const rank = (name: string): string => createHash('sha256').update(`${seed}/${name}`).digest('hex');
  // All samples of a picture stay together.
  const names = [...new Set(samples.map(({ image }) => nameIn(folder, image)))];
  const ranked = names.map((name) => ({ name, rank: rank(name) })).toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const held = new Set(ranked.slice(0, Math.max(1, Math.round(validationShare * names.length))).map(({ name }) => name));
  const isHeld = ({ image }: S): boolean => held.has(nameIn(folder, image));
  return { train: samples.filter((sample) => !isHeld(sample)), val: samples.filter(isHeld) };
}

function nameIn(folder: string, file: string): string {
  return path.relative(folder, file).split(path.sep).join('/');
}

/** As it is written down: it can be drawn again from this. */
export function splitFinding({ train, val }: Split<unknown>, seed = splitSeed): Finding {
  return {
    grade: 'note',
    code: 'split-drawn',
    cause: `the folder has no split of its own: ${val.length} of ${train.length + val.length} pictures are kept for validation, those first by SHA-256 of "${seed}/NAME", NAME from the folder`,
    count: val.length,
    files: [],
    remedy: 'for another split, write train.txt and val.txt, or folders train/ and val/',
  };
}
