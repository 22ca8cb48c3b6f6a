// Lists whose paths were right on another machine or from another folder.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openData } from '../../src/core/data/index.js';
import { greyPng, temporaryFolder, writePhoto } from './fixtures.js';

/** `images/` and `masks/` of 0.png … 2.png, and lists of what the lines say. */
async function listed(train: readonly string[], files: readonly string[] = ['images', 'masks']): Promise<string> {
  const folder = await temporaryFolder();
  for (const part of files) await mkdir(path.join(folder, part), { recursive: true });
  for (const k of [0, 1, 2]) {
    await writePhoto(path.join(folder, 'images', `${k}.png`), 8, 6, k);
    if (files.includes('masks')) await writeFile(path.join(folder, 'masks', `${k}.png`), greyPng(new Uint8Array(48).fill(k), 8, 6));
  }
  await writeFile(path.join(folder, 'train.txt'), train.join('\r\n'));
  await writeFile(path.join(folder, 'val.txt'), 'images/2.png\tmasks/2.png\n');
  return folder;
}

const bothOf = (prefix: string): string[] => [0, 1].map((k) => `${prefix}images/${k}.png\t${prefix}masks/${k}.png`);

describe('are found by their ends', () => {
  test.each(['/home/me/set/', 'D:/set/', 'D:\\set\\', 'set/', '../set/', './'])('%s', async (prefix) => {
    const folder = await listed(bothOf(prefix));
    const { train, findings } = await openData(folder);
    expect(train).toEqual([0, 1].map((k) => ({ image: path.join(folder, `images/${k}.png`), mask: path.join(folder, `masks/${k}.png`) })));
    expect(findings).toMatchObject(prefix === './' ? [] : [{ grade: 'note', code: 'paths-of-another-place', count: 4 }]);
  });
});

describe('are not guessed', () => {
  test('a mask that is missing does not become its picture', async () => {
    const folder = await listed([0, 1].map((k) => `images/${k}.png\tlabels/${k}.png`));
    await expect(openData(folder)).rejects.toThrow(/labels\/0\.png does not exist \(2 files do not: .*labels\/1\.png\)/);
  });

  test('nor where picture and mask of one name lay in folders that are not there', async () => {
    const folder = await listed([0, 1].map((k) => `/a/photos/${k}.png\t/a/labels/${k}.png`));
    await writePhoto(path.join(folder, '0.png'), 8, 6);
    await expect(openData(folder)).rejects.toThrow(/photos\/0\.png does not exist \(4 files do not/);
  });
});
