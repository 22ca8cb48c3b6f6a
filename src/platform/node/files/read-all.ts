// Reading that ends with every byte read that is there: a system may give a part at a time.

import type { FileHandle } from 'node:fs/promises';

/** @param count at most @param at where in the file; behind what was read before, where it is absent */
export async function readAll(handle: FileHandle, count: number, at?: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await handle.read(bytes, done, count - done, at === undefined ? null : at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
