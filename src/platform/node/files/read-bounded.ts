// Reads a file that somebody else may have made: never more of it than the caller can use.

import { open } from 'node:fs/promises';
import { joinBytes } from '../../../core/platform/index.js';
import { readAll } from './read-all.js';
import { refuseFolder } from './refuse-folder.js';

const chunk = 65_536;

/**
 * The whole file, a pipe or a device included.
 * @param most bytes @throws Error that says how large it is, as a reason for the caller's message
 */
export async function readBounded(file: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    refuseFolder(stats, file);
    if (stats.size > most) throw new Error(`it has ${stats.size} bytes; at most ${most} are read`);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let total = 0;
    // A file may be longer than it says: devices say 0.
    for (;;) {
      const buffer = new Uint8Array(parts.length === 0 ? stats.size + 1 : chunk);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > most) throw new Error(`it has more than ${most} bytes; no more are read`);
      parts.push(buffer.subarray(0, bytesRead));
    }
    return joinBytes(parts);
  } finally {
    await handle.close();
  }
}

/** The first bytes, as many as there are. */
export async function readStart(file: string, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(file, 'r');
  try {
    return await readAll(handle, count);
  } finally {
    await handle.close();
  }
}
