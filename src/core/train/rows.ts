// Large arrays of equal rows, in memory or in a file. Processes that read the same file share one copy: the operating
// system's page cache.

import { reasonOf, UserError } from '../errors/index.js';
import { platform, type RowReader } from '../platform/index.js';
import { rowSum } from './row-sum.js';

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

/** Rows of a file, and behind the last of them the sum of each: what was damaged on the disk is seen. */
export interface FileRows<T extends Float32Array | Uint16Array> extends Rows<T> {
  /** What is wrong with the first row that is not as it was written; undefined where there is none. Reads them all. */
  fault(): Promise<string | undefined>;
}

/** Bytes of a file of rows. */
export function rowFileBytes(count: number, rowBytes: number): number {
  return count * (rowBytes + sumBytes);
}

/** What stands behind the last row. @param sums `rowSum` of each */
export function sumsOf(sums: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(sums).buffer);
}

const sumBytes = 4;
/** Rows that are compared with their sums before others get their turn. */
const atOnce = 16;

/**
 * @param length values a row
 * @param make the array that rows are read into
 * @throws UserError when the file cannot be opened or holds less; `gather` when a row is not in it, or not as it was written
 */
export function fileRows<T extends Float32Array | Uint16Array>(
  file: string,
  count: number,
  length: number,
  make: (values: number) => T,
): FileRows<T> {
  const rowBytes = length * make(0).BYTES_PER_ELEMENT;
  let reader: RowReader;
  try {
    reader = platform().rowFiles.open(file);
  } catch (error) {
    throw new UserError(`${file}: cannot be opened (${reasonOf(error)}); ${remedy}`);
  }
  const sums = new Uint32Array(count);
  if (reader.read(new Uint8Array(sums.buffer), count * rowBytes) !== sumBytes * count) {
    reader.close();
    throw new UserError(`${file}: was cut off; ${remedy}`);
  }
  /** Those that were compared with their sums: once is enough, and costs little beside what is computed from them. */
  const sound = new Uint8Array(count);
  const gather = (order: readonly number[]): T => {
    const rows = make(order.length * length);
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    order.forEach((row, i) => {
      const own = bytes.subarray(i * rowBytes, (i + 1) * rowBytes);
      if (reader.read(own, row * rowBytes) !== rowBytes) throw new UserError(`${file}: row ${row} is not in it, it was cut off; ${remedy}`);
      if (sound[row] === 1) return;
      if (rowSum(own) !== sums[row])
        throw new UserError(`${file}: row ${row} has other contents than were written, it was damaged; ${remedy}`);
      sound[row] = 1;
    });
    return rows;
  };
  const fault = async (): Promise<string | undefined> => {
    try {
      for (let row = 0; row < count; row++) {
        gather([row]);
        if (row % atOnce === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      return reasonOf(error);
    }
    return undefined;
  };
  return { length, gather, fault, close: () => reader.close() };
}

const remedy = 'resume, and it is made again';
