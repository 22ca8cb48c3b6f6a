// PNG files of every kind, chunk by chunk (https://www.w3.org/TR/png-3/).

import { crc32, deflateSync } from 'node:zlib';

export interface PngFile {
  readonly width: number;
  /** As many as there are rows, unless the header is to say something else. */
  readonly height?: number;
  readonly bits?: number;
  readonly channels?: 1 | 2 | 3 | 4;
  /** Red, green and blue of each colour: then a channel is an index. */
  readonly palette?: readonly number[];
  readonly transparency?: readonly number[];
  readonly orientation?: number;
  /** Their bytes, unfiltered. */
  readonly rows: readonly (readonly number[])[];
}

export function pngFile({
  width,
  rows,
  height = rows.length,
  bits = 8,
  channels = 1,
  palette,
  transparency,
  orientation,
}: PngFile): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = bits;
  head[9] = palette ? 3 : { 1: 0, 2: 4, 3: 2, 4: 6 }[channels];
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', head),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...(transparency ? [chunk('tRNS', transparency)] : []),
    ...(orientation === undefined ? [] : [chunk('eXIf', exifOf(orientation))]),
    chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))),
    chunk('IEND', []),
  ]);
}

function chunk(kind: string, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(kind), Buffer.from(content), Buffer.alloc(4)]);
  bytes.writeUInt32BE(content.length, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** A directory with the orientation alone. */
const exifOf = (orientation: number): readonly number[] => [
  ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1],
  ...[1, 18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
];
