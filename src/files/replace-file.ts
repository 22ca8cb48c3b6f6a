// Writes a whole file or nothing: a reader, or a process that was killed, never leaves or finds half of it.

import { open, rename } from 'node:fs/promises';

/** The file is on the disk when this resolves. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
}
