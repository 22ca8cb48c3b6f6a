// What lists name, checked all at once.

import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { missingOf, requireFiles } from '../lists.js';
import { movedFiles } from '../moved-paths.js';

export interface ListedFile {
  readonly files: readonly string[];
  /** File and line. */
  readonly where: string;
}

/** A path that a list says, and where the file is. */
export interface ListedPath {
  readonly said: string;
  readonly file: string;
}

/** Where the files are: as the list says, or, of those that are not there, where the ends of their paths lead to. */
export async function settlePaths(
  folder: Folder,
  paths: readonly ListedPath[],
  findings: FindingList,
): Promise<(listed: ListedPath) => string> {
  const missing = await missingOf(paths.map(({ file }) => file));
  const moved = await movedFiles(
    paths.flatMap(({ said, file }) => (missing.has(file) ? [said] : [])),
    { places: [folder], byName: 'absolute' },
    findings,
  );
  return ({ said, file }) => (missing.has(file) ? (moved.get(said) ?? file) : file);
}

/**
 * Where the files of lines lie, each of which is there.
 * @throws DataError that counts all files that are not there
 */
export async function settleListed(
  folder: Folder,
  lines: readonly { readonly paths: readonly ListedPath[]; readonly where: string }[],
  findings: FindingList,
): Promise<(listed: ListedPath) => string> {
  const at = await settlePaths(
    folder,
    lines.flatMap(({ paths }) => paths),
    findings,
  );
  await requireListed(lines.map(({ paths, where }) => ({ files: paths.map(at), where })));
  return at;
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
