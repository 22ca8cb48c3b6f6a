// Interlaced PNG of 1, 2 and 4 bits, which fast-png takes for bytes: the seven passes of Adam7
// (https://www.w3.org/TR/png-3/, 8.1) become plain rows.

import { unzlibSync, zlibSync } from 'fflate';
import { joinBytes } from '../platform/index.js';
import { chunksOf, view } from './png-chunks.js';
import type { Size } from './sizes.js';

/** Of each pass: its first column and row, and the steps to the next. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The same pixels without interlacing; whatever fast-png reads rightly is left as it is. @param png that is known to unfold to no more than it says */
export function withoutInterlacing(png: Uint8Array<ArrayBuffer>): Uint8Array {
  const [bits = 8, isInterlaced] = [png[24], png[28] === 1];
  if (!isInterlaced || bits >= 8) return png;
  const size = { width: view(png).getUint32(16), height: view(png).getUint32(20) };
  const chunks = chunksOf(png);
  const packed = joinBytes(chunks.filter(({ kind }) => kind === 'IDAT').map(({ content }) => content));
  const rows = chunk('IDAT', new Uint8Array(zlibSync(plainRows(unzlibSync(packed), size, bits), { level: 1 })));
  const others = chunks.filter(({ kind }) => kind !== 'IDAT' && kind !== 'IEND').map(({ whole }) => whole);
  const plain = joinBytes([png.subarray(0, 8), ...others, rows, chunk('IEND', new Uint8Array())]);
  plain[28] = 0;
  return plain;
}

/** Without a checksum, which is not looked at. */
function chunk(kind: string, content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  view(head).setUint32(0, content.length);
  head.set(
    Array.from(kind, (letter) => letter.charCodeAt(0)),
    4,
  );
  return joinBytes([head, content, new Uint8Array(4)]);
}

/** Rows of the whole picture, before each the number of its filter: none. */
function plainRows(raw: Uint8Array, { width, height }: Size, bits: number): Uint8Array {
  const rowBytes = 1 + Math.ceil((width * bits) / 8);
  const out = new Uint8Array(height * rowBytes);
  let at = 0;
  for (const [left, top, stepX, stepY] of passes) {
    const columns = Math.ceil((width - left) / stepX);
    const bytes = Math.ceil((columns * bits) / 8);
    if (columns <= 0) continue;
    let above: Uint8Array = new Uint8Array(bytes);
    for (let y = top; y < height; y += stepY) {
      const end = at + 1 + bytes;
      if (end > raw.length) throw new Error('its pixels end too early');
      above = unfiltered(raw[at] ?? 0, raw.subarray(at + 1, end), above);
      at = end;
      for (let k = 0; k < columns; k++) {
        const value = (above[(k * bits) >> 3] ?? 0) >> (8 - bits - ((k * bits) & 7));
        const bit = (left + k * stepX) * bits;
        const to = y * rowBytes + 1 + (bit >> 3);
        out[to] = (out[to] ?? 0) | ((value & ((1 << bits) - 1)) << (8 - bits - (bit & 7)));
      }
    }
  }
  return out;
}

/** One row: what was taken from each byte is added again (9.2); of less than 8 bits the byte before is the neighbour. */
function unfiltered(filter: number, row: Uint8Array, above: Uint8Array): Uint8Array {
  const out = new Uint8Array(row.length);
  for (const [i, byte] of row.entries()) {
    const [a, b, c] = [out[i - 1] ?? 0, above[i] ?? 0, i > 0 ? (above[i - 1] ?? 0) : 0];
    const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
    if (guess === undefined) throw new Error(`a row has the filter ${filter}, which there is not`);
    out[i] = byte + guess;
  }
  return out;
}

/** Of left, above and above left, the one nearest to left + above - above left. */
function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
