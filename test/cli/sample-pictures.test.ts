// Only pictures of the folder itself are shown in the playground.

import { copyFile, link, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { samplePictures } from '../../src/cli/sample-pictures.js';
import { temporaryFolder, writePhoto } from '../data/fixtures.js';

test('links out of the folder, other files under a picture’s name and folders are left out', async () => {
  const root = await temporaryFolder();
  const folder = path.join(root, 'pictures');
  await mkdir(path.join(folder, 'd.png'), { recursive: true });
  await writePhoto(path.join(root, 'outside.png'), 8, 8, 1);
  await writePhoto(path.join(folder, 'b.png'), 8, 8, 2);
  await symlink('/etc/passwd', path.join(folder, 'a.png'));
  await symlink(path.join(root, 'outside.png'), path.join(folder, 'c.png'));
  await symlink('b.png', path.join(folder, 'e.PNG'));
  await symlink('nowhere', path.join(folder, 'f.jpg'));
  await writeFile(path.join(root, 'secret'), 'root:x:0:0');
  await link(path.join(root, 'secret'), path.join(folder, 'g.jpg'));
  const found = await samplePictures(folder);
  expect(found.map(({ type }) => type)).toEqual(['image/png', 'image/png']);
  expect(found[0]?.bytes).toEqual(found[1]?.bytes);
});

test('a folder that is itself a link is the folder it leads to; twelve pictures are enough', async () => {
  const root = await temporaryFolder();
  const folder = path.join(root, 'pictures');
  await mkdir(folder);
  await writePhoto(path.join(folder, '00.jpg'), 8, 8);
  for (let i = 1; i < 15; i++) await copyFile(path.join(folder, '00.jpg'), path.join(folder, `${String(i).padStart(2, '0')}.jpg`));
  await symlink(folder, path.join(root, 'link'));
  expect(await samplePictures(path.join(root, 'link'))).toHaveLength(12);
  await expect(samplePictures(path.join(root, 'none'))).rejects.toThrow(/there is no such folder/);
});

test('masks are no samples: a PNG beside a photograph of its name', async () => {
  const folder = await temporaryFolder();
  for (const name of ['0.jpg', '0.png', '1.jpeg', '1.png', '2.png']) await writePhoto(path.join(folder, name), 8, 8);
  expect((await samplePictures(folder)).map(({ type }) => type)).toEqual(['image/jpeg', 'image/jpeg', 'image/png']);
});
