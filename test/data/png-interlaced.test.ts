// Interlaced PNG of less than 8 bits, as masks and as pictures, beside what another decoder (libspng, in sharp) makes of them.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readStoredMask } from '../../src/core/data/stored-mask.js';
import { memoryPlatform } from '../../src/platform/memory/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { temporaryFolder } from './fixtures.js';

const colours = Array.from({ length: 16 }, (_, k) => [(k * 53) % 256, (k * 97) % 256, (k * 151) % 256] as const);

/** @param count of colours, which decides how many bits a pixel has */
async function interlaced(width: number, height: number, count: number): Promise<Buffer> {
  const random = seededRandom(width + count);
  const data = Uint8Array.from({ length: width * height }, () => Math.floor(count * random.next())).reduce<number[]>((all, k) => {
    all.push(...(colours[k] ?? [0, 0, 0]));
    return all;
  }, []);
  return sharp(Uint8Array.from(data), { raw: { width, height, channels: 3 } })
    .png({ palette: true, colours: count, dither: 0, quality: 100, progressive: true, adaptiveFiltering: true })
    .toBuffer();
}

describe.each([
  [1, 1, 2],
  [5, 3, 2],
  [21, 13, 2],
  [3, 2, 4],
  [21, 13, 4],
  [9, 4, 16],
  [64, 33, 16],
])('%i×%i in %i colours', (width, height, count) => {
  test('is the picture that was drawn', async () => {
    const png = await interlaced(width, height, count);
    // Of less than 8 bits, and interlaced: else this shows nothing.
    expect([png[24], png[28]]).toEqual([{ 2: 1, 4: 2, 16: 4 }[count], 1]);
    const { data: expected } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const file = path.join(await temporaryFolder(), 'mask.png');
    await writeFile(file, png);
    const mask = await readStoredMask(file);
    if (mask.kind !== 'values') throw new TypeError('no values');
    expect([mask.width, mask.height]).toEqual([width, height]);
    expect([...mask.data].flatMap((value) => [...(mask.palette?.[value] ?? [])])).toEqual([...expected]);
    const { data } = await memoryPlatform().images.decodeShown(png);
    expect([...data]).toEqual([...expected]);
  });
});
