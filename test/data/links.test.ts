// Folders with links in them: followed once, and never in circles.

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openData } from '../../src/core/data/index.js';
import { greyPng, stripes, temporaryFolder, writePhoto } from './fixtures.js';

async function pairs(images: string, masks: string, count = 4): Promise<void> {
  await mkdir(images, { recursive: true });
  await mkdir(masks, { recursive: true });
  for (let i = 0; i < count; i++) {
    await writePhoto(path.join(images, `${i}.png`), 16, 12, i);
    await writeFile(path.join(masks, `${i}.png`), greyPng(stripes(16, 12, 3), 16, 12));
  }
}

test('links that lead back up are not followed, however many', async () => {
  const folder = await temporaryFolder();
  await pairs(path.join(folder, 'images'), path.join(folder, 'masks'));
  // Followed, each would double the paths at each of forty levels.
  for (const name of ['a', 'b', 'c']) await symlink('..', path.join(folder, 'images', name));
  const { train, val } = await openData(folder);
  expect(train.length + val.length).toBe(4);
});

test('a link to a folder is one, also with a dot in its name', async () => {
  const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
  await pairs(path.join(elsewhere, 'set.v2'), path.join(folder, 'masks', 'set.v2'));
  await mkdir(path.join(folder, 'images'));
  await symlink(path.join(elsewhere, 'set.v2'), path.join(folder, 'images', 'set.v2'));
  const { train, val } = await openData(folder);
  expect(train.length + val.length).toBe(4);
});

test('a file in place of a folder is said to be one', async () => {
  const file = path.join(await temporaryFolder(), 'data.zip');
  await writeFile(file, 'PK');
  await expect(openData(file)).rejects.toThrow(/data\.zip: is a file, not a folder of data; unpack it/);
});
