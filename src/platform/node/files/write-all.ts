// Writing that ends with every byte written: a disk that fills up may take a part without an error.

import type { FileHandle } from 'node:fs/promises';

/** @param at where in the file; behind what was written before, where it is absent */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at === undefined ? null : at + done);
    done += bytesWritten;
  }
}
