// Lists of files.

import { access, readFile } from 'node:fs/promises';
import { DataError } from './errors.js';

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The lines that are not empty, with their numbers. @throws DataError when there is none */
export async function readLines(file: string): Promise<{ text: string; number: number }[]> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DataError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
  });
  const lines = content.split(/\r?\n/).map((text, i) => ({ text: text.trimEnd(), number: i + 1 }));
  const filled = lines.filter(({ text }) => text !== '');
  if (filled.length === 0) throw new DataError(`${file}: the list is empty`);
  return filled;
}
