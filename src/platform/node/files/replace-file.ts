// Writes a whole file or nothing: a reader, or a process that was killed, never leaves or finds half of it.

import { open, rename, rm } from 'node:fs/promises';

let written = 0;

/** The file is on the disk when this resolves. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  // Two that write the same file at once each have their own: the last one to be renamed is whole.
  const partial = `${file}.${process.pid}-${written++}.partial`;
  try {
    const handle = await open(partial, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    // A disk that is full stays as full as it was.
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
}
