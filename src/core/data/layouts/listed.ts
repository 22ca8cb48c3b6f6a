// What lists name, checked all at once.

import type { Folder } from '../folder.js';
import { requireFiles } from '../lists.js';

export interface ListedFile {
  readonly files: readonly string[];
  /** File and line. */
  readonly where: string;
}

/** @throws DataError that counts all files that are not there */
export function requireListed(lines: readonly ListedFile[]): Promise<void> {
  return requireFiles(
    lines.flatMap(({ files, where }) => files.map((file) => ({ file, where }))),
    'correct the list or add the file',
  );
}

export async function firstThere(folder: Folder, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await folder.has(name)) return name;
  return undefined;
}
