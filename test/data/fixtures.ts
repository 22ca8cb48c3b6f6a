// Small data folders for the tests.

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';

export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'auxcell-test-'));
}

/** A mask of `width` × `height` in which the label is the column modulo `classes`. */
export function stripes(width: number, height: number, classes: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => (i % width) % classes);
}

export function greyPng(labels: Uint8Array, width: number, height: number): Uint8Array {
  return encode({ width, height, data: labels, channels: 1, depth: 8 });
}

export async function writePhoto(file: string, width: number, height: number, seed = 0): Promise<void> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + seed * 31) % 256);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
}

/** `train.txt` and `val.txt` with images of stripes whose colour says the class: something that can be learnt. */
export async function writeStripeFolder(folder: string, counts: { train: number; val: number }, width = 48, height = 40): Promise<void> {
  const colours = [
    [30, 30, 30],
    [220, 60, 40],
    [60, 90, 230],
  ];
  for (const split of ['train', 'val'] as const) {
    await mkdir(path.join(folder, split), { recursive: true });
    const lines: string[] = [];
    for (let k = 0; k < counts[split]; k++) {
      const labels = Uint8Array.from(
        { length: width * height },
        (_, i) => (Math.floor((i % width) / 12) + Math.floor(i / width / 12) + k) % 3,
      );
      const data = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => (colours[labels[Math.floor(i / 3)] ?? 0]?.[i % 3] ?? 0) + ((i * 13 + k + (split === 'val' ? 7 : 0)) % 17),
      );
      await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path.join(folder, split, `${k}.png`));
      await writeFile(path.join(folder, split, `${k}-mask.png`), greyPng(labels, width, height));
      lines.push(`${split}/${k}.png\t${split}/${k}-mask.png`);
    }
    await writeFile(path.join(folder, `${split}.txt`), `${lines.join('\n')}\n`);
  }
}
