// Compares a page with a picture of how it looked: the share of pixels that differ clearly. UPDATE_LOOKS=1 takes new pictures,
// which somebody then has to look at.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const folder = path.join(import.meta.dirname, 'looks');

/** Of a colour channel: less is the smoothing of edges, which fonts and processors decide. */
const clearly = 48;

/** @returns 0 where nothing differs, 1 where the sizes do or there is no picture yet */
export async function differenceFromReference(name: string, png: Uint8Array): Promise<number> {
  const file = path.join(folder, `${name}.png`);
  if (process.env['UPDATE_LOOKS']) {
    await mkdir(folder, { recursive: true });
    await writeFile(file, await sharp(png).png({ palette: true, effort: 10 }).toBuffer());
  }
  const pixels = async (source: Uint8Array) => sharp(source).flatten({ background: '#fff' }).raw().toBuffer({ resolveWithObject: true });
  const [now, before] = [await pixels(png), await pixels(await readFile(file))];
  if (now.info.width !== before.info.width || now.info.height !== before.info.height) return 1;
  let different = 0;
  for (let i = 0; i < now.data.length; i += now.info.channels)
    if ([0, 1, 2].some((c) => Math.abs((now.data[i + c] ?? 0) - (before.data[i + c] ?? 0)) > clearly)) different++;
  return different / (now.data.length / now.info.channels);
}
