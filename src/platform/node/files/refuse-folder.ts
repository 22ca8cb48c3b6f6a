import type { Stats } from 'node:fs';

/** A folder can be opened, and says a size of its own: refused as whoever reads of it is. @throws Error with EISDIR */
export function refuseFolder(facts: Stats, file: string): void {
  if (facts.isDirectory())
    throw Object.assign(new Error(`EISDIR: illegal operation on a directory, read '${file}'`), { code: 'EISDIR', path: file });
}
