// As `mkdir -p`. The `recursive` of Node.js never ends where a file system says ENOENT of a folder that nobody can make there, as
// /proc does: it makes the parent, which is there, and tries again.

import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** @throws the system's error where it cannot be made, ENOTDIR or EEXIST where a file is in the way */
export function makeFolderNow(folder: string): void {
  const whole = path.resolve(folder);
  if (isFolder(whole)) return;
  const parent = path.dirname(whole);
  if (!isFolder(parent)) makeFolderNow(parent);
  try {
    mkdirSync(whole);
  } catch (error) {
    // Somebody else was quicker.
    if (!isFolder(whole)) throw error;
  }
}

/** {@link makeFolderNow}, its error as a rejection. */
export async function makeFolder(folder: string): Promise<void> {
  makeFolderNow(folder);
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
