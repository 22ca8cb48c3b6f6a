// Files that a command is about to write: never one of those that it reads, and no other that is there already unless
// --overwrite says so. Asked before any work, for all files of a command at once.

import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/errors/index.js';

export interface OutputRules {
  /** By which the files were named: `-o`. */
  readonly option: string;
  readonly overwrite: boolean;
  /** Files and folders that the command reads; nothing in such a folder is written over. What is not there is not looked at. */
  readonly inputs: readonly (string | undefined)[];
}

/** @throws UserError naming the first file that must not be written, the reason and the remedy */
export async function refuseTaken(files: readonly string[], { option, overwrite, inputs }: OutputRules): Promise<void> {
  const taken: string[] = [];
  for (const file of files) {
    const entry = await lstat(file).catch(() => undefined);
    if (entry?.isDirectory()) throw new UserError(`${option} ${file}: is a folder; give the name of a file`);
    if (entry) taken.push(file);
  }
  const [first] = taken;
  if (first === undefined) return;
  const read = await inputsOf(inputs);
  for (const file of taken) {
    const input = await read(file);
    if (input !== undefined) throw new UserError(`${option} ${file}: would be written over ${input}, which is read; give another name`);
  }
  if (overwrite) return;
  const others = taken.length > 1 ? ` (and ${taken.length - 1} more: ${taken.slice(1, 3).join(', ')}${taken.length > 3 ? ', …' : ''})` : '';
  throw new UserError(`${option} ${first}: exists already${others}; give another name, or --overwrite to write over it`);
}

/** Gives the input that a file is: by another path, a link, or as a part of a folder. */
async function inputsOf(inputs: readonly (string | undefined)[]): Promise<(file: string) => Promise<string | undefined>> {
  const known = new Map<string, string>();
  const folders: string[] = [];
  for (const input of inputs) {
    if (input === undefined) continue;
    const key = await identity(input);
    if (key === undefined) continue;
    known.set(key, input);
    if ((await stat(input)).isDirectory()) folders.push(await realpath(input));
  }
  return async (file) => {
    const key = await identity(file);
    // A link that leads nowhere.
    if (key === undefined) return undefined;
    const real = await realpath(file);
    return known.get(key) ?? folders.find((folder) => real.startsWith(folder + path.sep));
  };
}

/** The same for two names of one file. */
async function identity(file: string): Promise<string | undefined> {
  const entry = await stat(file, { bigint: true }).catch(() => undefined);
  return entry && `${entry.dev}:${entry.ino}`;
}
