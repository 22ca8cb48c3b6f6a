// How large a picture is, from its first bytes: a list of people names tens of thousands of them.

import { files, images } from '../platform/index.js';
import { DataError } from './errors.js';
import { fileError } from './image.js';

export interface PictureSize {
  /** As the pixels are stored. */
  readonly width: number;
  readonly height: number;
  /** EXIF's, 1 … 8: from 5 on a viewer shows width and height exchanged. */
  readonly orientation: number;
}

const headBytes = 4096;

/** @throws DataError where the file is no picture */
export async function pictureSize(file: string): Promise<PictureSize> {
  try {
    const head = await files().readStart(file, headBytes);
    const known = jpegSize(head) ?? pngSize(head);
    if (known) return known;
    const { width, height, orientation } = await images().header(file);
    return orientation >= 5 ? { width: height, height: width, orientation } : { width, height, orientation };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw fileError(file, error, 'the picture cannot be read: replace it or take it out of the list');
  }
}

/** The frame's header, where it is near the beginning and no EXIF stands before it; else the decoder is asked. */
function jpegSize(head: Uint8Array): PictureSize | undefined {
  const words = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 4 || words.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= head.length && head[at] === 0xff; ) {
    const marker = head[at + 1] ?? 0;
    // Start of frame: all of C0 … CF but the tables of Huffman (C4), arithmetic coding (CC), and JPG (C8).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: words.getUint16(at + 7), height: words.getUint16(at + 5), orientation: 1 };
    if (marker === 0xe1 || marker === 0xda) return undefined;
    at += 2 + words.getUint16(at + 2);
  }
  return undefined;
}

/** The header, where the pixels begin before anything could say an orientation. */
function pngSize(head: Uint8Array): PictureSize | undefined {
  const text = String.fromCharCode(...head);
  if (head.length < 33 || text.slice(1, 4) !== 'PNG' || text.slice(12, 16) !== 'IHDR') return undefined;
  if (text.includes('eXIf') || !text.includes('IDAT')) return undefined;
  const words = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return { width: words.getUint32(16), height: words.getUint32(20), orientation: 1 };
}
