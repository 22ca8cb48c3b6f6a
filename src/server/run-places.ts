// What lies below a folder of runs: searches, trainings and fits, and what lies in a fit: its search and its trainings. Links are not
// followed, neither to a run nor inside of one.

import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../core/errors/index.js';
import { mostConfigBytes } from '../core/preset/index.js';
import { readBounded } from '../platform/node/files/index.js';

export type RunKind = 'search' | 'training' | 'fit';

/** A folder, which need not hold a run. */
export interface RunPlace {
  /** Of its folder; of what lies in a fit with the fit's: `mine/training-1`. */
  readonly name: string;
  readonly folder: string;
}

const inFits = /^(search|training-\d+)$/;

/** @throws UserError when the folder cannot be read */
export async function runPlaces(runs: string): Promise<RunPlace[]> {
  const names = await plainFolders(runs).catch((error: unknown) => {
    throw new UserError(`${runs}: cannot be read (${reasonOf(error)}); give the folder that holds the runs`);
  });
  const found = names.map(async (name): Promise<RunPlace[]> => {
    const folder = path.join(runs, name);
    const own = { name, folder };
    if (!(await plainFile(path.join(folder, 'fit.json')))) return [own];
    // Gone meanwhile: there is nothing in it.
    const parts = await plainFolders(folder).catch(() => []);
    return [
      own,
      ...parts.filter((part) => inFits.test(part)).map((part) => ({ name: `${name}/${part}`, folder: path.join(folder, part) })),
    ];
  });
  return (await Promise.all(found)).flat();
}

async function plainFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Undefined where there is none of them. A search whose database is lost is one. */
export async function kindOf({ folder }: RunPlace): Promise<RunKind | undefined> {
  if (await plainFile(path.join(folder, 'fit.json'))) return 'fit';
  if (await plainFile(path.join(folder, 'search.db'))) return 'search';
  const config = path.join(folder, 'config.yaml');
  if (!(await plainFile(config))) return undefined;
  const bytes = await readBounded(config, mostConfigBytes).catch(() => new Uint8Array());
  // A training is of one architecture.
  return /^genotype:/m.test(new TextDecoder().decode(bytes)) ? 'training' : 'search';
}

export interface FileStamp {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;
}

/** Undefined where there is none, or something else of this name. */
export async function plainFile(file: string): Promise<FileStamp | undefined> {
  const entry = await lstat(file).catch(() => undefined);
  return entry?.isFile() ? entry : undefined;
}
