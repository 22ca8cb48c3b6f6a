// PNG files whose values mean something, as they are stored.

import { decode } from 'fast-png';
import { files, joinBytes, platform } from '../platform/index.js';
import { DataError } from './errors.js';
import { fileError } from './image.js';
import { chunksOf, view } from './png-chunks.js';
import { withoutInterlacing } from './png-interlaced.js';
import { refuseSize, type Size, type SizeCheck } from './sizes.js';
import { orientationOf, shownSize } from './upright-map.js';

/** What decides the pixels; texts and profiles beside them may unfold to anything, and are left out. */
const decoded = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

export function isPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
}

/** Pixels as they are stored, and EXIF's orientation: from 2 on a viewer turns or mirrors them. */
export type StoredPng = ReturnType<typeof decode> & { readonly orientation: number };

/**
 * @param remedy for messages: what the file should be
 * @param check may refuse the size that a viewer shows @throws DataError naming the file
 */
export async function readPng(file: string, remedy: string, check?: SizeCheck): Promise<StoredPng> {
  try {
    return await decodePng(await files().read(file), (size) => refuseSize(file, size, check));
  } catch (error) {
    throw error instanceof DataError ? error : fileError(file, error, remedy);
  }
}

/** Nothing is unfolded before header and size agree. @param check throws where the size that a viewer shows is not wanted */
export async function decodePng(bytes: Uint8Array<ArrayBuffer>, check: (size: Size) => void): Promise<StoredPng> {
  const size = sizeOf(bytes);
  const orientation = chunksOf(bytes).reduce((found, { kind, content }) => (kind === 'eXIf' ? orientationOf(content) : found), 1);
  check(shownSize(size, orientation));
  return { ...decode(withoutInterlacing(await withoutSurprises(bytes, size))), orientation };
}

function sizeOf(bytes: Uint8Array): Size {
  if (!isPng(bytes) || bytes.length < 33) throw new Error('not a PNG file, or one that is cut off');
  return { width: view(bytes).getUint32(16), height: view(bytes).getUint32(20) };
}

async function withoutSurprises(bytes: Uint8Array<ArrayBuffer>, { width, height }: Size): Promise<Uint8Array<ArrayBuffer>> {
  const bits = (bytes[24] ?? 0) * ([1, 0, 3, 1, 2, 0, 4][bytes[25] ?? 0] ?? 4);
  const kept = chunksOf(bytes).filter(({ kind }) => decoded.has(kind));
  const pixels = kept.filter(({ kind }) => kind === 'IDAT').map(({ content }) => content);
  // Interlaced rows come in seven passes, each with a byte of its own a row and a part of one to fill up.
  const most = height * (Math.ceil((width * bits) / 8) + 1) + 2 * 8 * (height + 8) + width;
  await platform()
    .inflate(joinBytes(pixels), most)
    .catch((error: unknown) => {
      if (error instanceof RangeError) throw new Error(`its pixels unfold to more than the ${width}×${height} that it says`);
      throw error;
    });
  return joinBytes([bytes.subarray(0, 8), ...kept.map(({ whole }) => whole)]);
}
