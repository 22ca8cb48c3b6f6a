// Masks and depth maps that their files say to turn, as a copy of a photograph's EXIF does.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { loadSample, readDepth, readMask } from '../../src/core/data/index.js';
import { temporaryFolder } from './fixtures.js';
import { tiff } from './tiff-file.js';

/** 3 × 2, as they are stored. */
const stored = Uint8Array.from([0, 1, 2, 3, 4, 5]);
/** What a viewer shows, worked out by hand from the standard's pictures; from 5 on it is 2 × 3. */
const shown: Readonly<Record<number, readonly number[]>> = {
  1: [0, 1, 2, 3, 4, 5],
  2: [2, 1, 0, 5, 4, 3],
  3: [5, 4, 3, 2, 1, 0],
  4: [3, 4, 5, 0, 1, 2],
  5: [0, 3, 1, 4, 2, 5],
  6: [3, 0, 4, 1, 5, 2],
  7: [5, 2, 4, 1, 3, 0],
  8: [2, 5, 1, 4, 0, 3],
};
const orientations = Object.keys(shown).map(Number);

/** With an eXIf chunk behind the header. */
function withExif(png: Uint8Array, orientation: number): Uint8Array {
  const exif = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from('eXIf'), exif, Buffer.alloc(4)]);
  chunk.writeUInt32BE(exif.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + exif.length)), 8 + exif.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

const sizeOf = (orientation: number) => (orientation >= 5 ? { width: 2, height: 3 } : { width: 3, height: 2 });

describe('upright, as a viewer shows them', () => {
  test.each(orientations)('a mask as PNG, orientation %i', async (orientation) => {
    const file = path.join(await temporaryFolder(), 'm.png');
    await writeFile(file, withExif(encode({ width: 3, height: 2, data: stored, channels: 1, depth: 8 }), orientation));
    const mask = await readMask(file);
    expect({ ...mask, data: [...mask.data] }).toEqual({ ...sizeOf(orientation), data: shown[orientation] });
  });

  test.each(orientations)('a mask as TIFF, orientation %i', async (orientation) => {
    const file = path.join(await temporaryFolder(), 'm.tif');
    await writeFile(file, tiff([...stored], { width: 3, height: 2, channels: 1, type: 'u8', photometric: 1, orientation }));
    const mask = await readMask(file);
    expect({ ...mask, data: [...mask.data] }).toEqual({ ...sizeOf(orientation), data: shown[orientation] });
  });

  test.each(orientations)('depth as PNG and as TIFF of floats, orientation %i', async (orientation) => {
    const folder = await temporaryFolder();
    const [png, tif] = [path.join(folder, 'd.png'), path.join(folder, 'd.tif')];
    const data = Uint16Array.from(stored, (v) => 1000 * (v + 1));
    await writeFile(png, withExif(encode({ width: 3, height: 2, data, channels: 1, depth: 16 }), orientation));
    const metres = [...stored].map((v) => v + 1);
    await writeFile(tif, tiff(metres, { width: 3, height: 2, channels: 1, type: 'f32', photometric: 1, orientation }));
    for (const file of [png, tif]) {
      const map = await readDepth(file, 1000);
      expect({ ...map, metres: [...map.metres] }).toMatchObject({
        ...sizeOf(orientation),
        metres: (shown[orientation] ?? []).map((v) => v + 1),
      });
    }
  });

  test('photograph and mask that both lie on their side belong together', async () => {
    const folder = await temporaryFolder();
    const [image, mask] = [path.join(folder, 'a.jpg'), path.join(folder, 'a.png')];
    await sharp({ create: { width: 3, height: 2, channels: 3, background: '#888' } })
      .withMetadata({ orientation: 6 })
      .toFile(image);
    await writeFile(mask, withExif(encode({ width: 3, height: 2, data: stored, channels: 1, depth: 8 }), 6));
    const labelling = { kind: 'masks', classes: ['a', 'b', 'c', 'd', 'e', 'f'], ignore: 255 } as const;
    const sample = await loadSample({ image, mask }, labelling);
    expect([sample.image.width, sample.image.height]).toEqual([2, 3]);
    expect('data' in sample.truth && [...sample.truth.data]).toEqual(shown[6]);
  });
});
