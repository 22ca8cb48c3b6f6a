// A split of data that has none: every fifth picture, by a hash of its name, is for validation. The same folder gives the
// same split on every machine and in every run, and most pictures stay where they are when others are added.

import { path, sha256 } from '../platform/index.js';
import { DataError } from './errors.js';
import type { Finding, FindingList } from './finding.js';

export const splitSeed = 0;

/** Of pictures that are kept for validation. */
export const validationShare = 0.2;

export interface Split<S> {
  readonly train: readonly S[];
  readonly val: readonly S[];
}

/** @param folder which the names are relative to @param samples two or more */
export function drawSplit<S extends { readonly image: string }>(folder: string, samples: readonly S[], seed = splitSeed): Split<S> {
  const rank = (name: string): string => sha256().update(`${seed}/${name}`).digest();
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

/** The split of a folder that has none, and a note of it. @throws DataError where there is nothing to split */
export function splitDrawn<S extends { readonly image: string }>(folder: string, samples: readonly S[], findings: FindingList): Split<S> {
  if (picturesOf(samples) < 2)
    throw new DataError(`${folder}: holds one picture, which cannot be both learnt from and measured on; add others`);
  const drawn = drawSplit(folder, samples);
  findings.add(splitFinding(drawn));
  return drawn;
}

function picturesOf(samples: readonly { readonly image: string }[]): number {
  return new Set(samples.map(({ image }) => image)).size;
}

/** As it is written down: it can be drawn again from this. */
function splitFinding({ train, val }: Split<{ readonly image: string }>, seed = splitSeed): Finding {
  const [learnt, held] = [picturesOf(train), picturesOf(val)];
  return {
    grade: 'note',
    code: 'split-drawn',
    cause: `the folder has no split of its own: ${held} of ${learnt + held} pictures are kept for validation, those first by SHA-256 of "${seed}/NAME", NAME from the folder`,
    count: held,
    files: [],
    remedy: 'for another split, write lists of train and val, or folders train/ and val/',
  };
}
