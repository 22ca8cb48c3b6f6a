// Reads a file of a run's folder, which somebody else may have made: a link would lead out of it, a pipe would never end.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readAll } from './read-all.js';

/** Undefined where there is no such file, or something else of its name, or more than `most` bytes. */
export async function readOwn(file: string, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Not waiting: a pipe that nobody writes into opens at once.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > most) return undefined;
    return await readAll(handle, stats.size, 0);
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
