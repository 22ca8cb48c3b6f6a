// How large a picture is, from its first bytes: a list of people names tens of thousands of them.

import { open } from 'node:fs/promises';
import sharp from 'sharp';
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
  const head = Buffer.alloc(headBytes);
  try {
    const handle = await open(file);
    try {
      const { bytesRead } = await handle.read(head, 0, headBytes, 0);
      const known = jpegSize(head.subarray(0, bytesRead)) ?? pngSize(head.subarray(0, bytesRead));
      if (known) return known;
    } finally {
      await handle.close();
    }
    const { width, height, orientation = 1 } = await sharp(file).metadata();
    return { width, height, orientation };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw fileError(file, error, 'the picture cannot be read: replace it or take it out of the list');
  }
}

/** The frame's header, where it is near the beginning and no EXIF stands before it; else sharp is asked. */
function jpegSize(head: Buffer): PictureSize | undefined {
  if (head.length < 4 || head.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= head.length && head[at] === 0xff; ) {
    const marker = head[at + 1] ?? 0;
    // Start of frame: all of C0 … CF but the tables of Huffman (C4), arithmetic coding (CC), and JPG (C8).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5), orientation: 1 };
    if (marker === 0xe1 || marker === 0xda) return undefined;
    at += 2 + head.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The header, where the pixels begin before anything could say an orientation. */
function pngSize(head: Buffer): PictureSize | undefined {
  if (head.length < 33 || head.toString('latin1', 1, 4) !== 'PNG' || head.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  if (head.includes('eXIf') || !head.includes('IDAT')) return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20), orientation: 1 };
}
