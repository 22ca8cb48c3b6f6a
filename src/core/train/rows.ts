// Large arrays of equal rows, in memory or in a file. Processes that read the same file share one copy: the operating
// system's page cache.

import { closeSync, openSync, readSync } from 'node:fs';
import { reasonOf, UserError } from '../errors/index.js';

export interface Rows<T extends Float32Array | Uint16Array = Float32Array> {
  /** Values a row. */
  readonly length: number;
  /** The named rows one behind the other, in memory of their own. */
  gather(order: readonly number[]): T;
  close(): void;
}

export function memoryRows(values: Float32Array, length: number): Rows {
  return {
    length,
    gather: (order) => {
      const rows = new Float32Array(order.length * length);
      order.forEach((row, i) => {
        rows.set(values.subarray(row * length, (row + 1) * length), i * length);
      });
      return rows;
    },
    close: () => {},
  };
}

/**
 * Rows of a file that `new Float32Array` or the like was written to.
 * @param make the array that rows are read into
 * @throws UserError when the file cannot be opened; `gather` when a row is not in it
 */
export function fileRows<T extends Float32Array | Uint16Array>(file: string, length: number, make: (values: number) => T): Rows<T> {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    throw new UserError(`${file}: cannot be opened (${reasonOf(error)}); it is made again when the search is resumed`);
  }
  return {
    length,
    gather: (order) => {
      const rows = make(order.length * length);
      const rowBytes = length * rows.BYTES_PER_ELEMENT;
      const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      order.forEach((row, i) => {
        const read = readSync(handle, bytes, i * rowBytes, rowBytes, row * rowBytes);
        if (read !== rowBytes)
          throw new UserError(`${file}: row ${row} is not in it, it was cut off; it is made again when the search is resumed`);
      });
      return rows;
    },
    close: () => closeSync(handle),
  };
}
