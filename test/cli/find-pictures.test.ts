// What `predict` takes for a picture, what it leaves out and says so, and under which names results lie.

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findPictures } from '../../src/cli/find-pictures.js';
import { refuseHeic } from '../../src/library/heic.js';
import { temporaryFolder } from '../data/fixtures.js';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const name of ['one/a.jpg', 'one/A.png', 'one/.hidden.jpg', 'one/b.HEIC', 'one/c.heic', 'one/d.mp4', 'one/notes']) await put(name);
  for (const name of ['one/deep/a.jpg', 'one/deep/er/e.webp', 'one/.cache/f.jpg', 'one/masks/g.png', 'two/deep/a.png', 'none/x.txt'])
    await put(name);
  await symlink(at('one'), at('one', 'deep', 'round'));
});

async function put(name: string): Promise<void> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), '');
}

async function found(inputs: readonly string[], recursive: boolean) {
  const { pictures, skipped } = await findPictures(inputs, { recursive, output: at('one', 'masks') });
  return { names: pictures.map(({ file, name }) => `${path.relative(folder, file)} → ${name}`), skipped };
}

describe('the pictures of predict', () => {
  test('a folder: its pictures; what it is not taken for is counted, hidden files are nothing', async () => {
    const { names, skipped } = await found([at('one')], false);
    expect(names).toEqual(['one/A.png → A', 'one/a.jpg → a-2']);
    expect(skipped).toBe(
      'skipped: 2 .heic (HEIC is not read: convert it to JPEG, as with "heif-convert photo.heic photo.jpg"), 1 .mp4, 1 without an ending, 1 folder(s) not looked into (--recursive does)',
    );
  });

  test('recursive: results lie as the pictures do, and are no pictures themselves; no way round in circles', async () => {
    const { names, skipped } = await found([at('one'), at('two')], true);
    expect(names).toEqual([
      'one/A.png → A',
      'one/a.jpg → a-2',
      'one/deep/a.jpg → deep/a',
      'one/deep/er/e.webp → deep/er/e',
      'two/deep/a.png → deep/a-2',
    ]);
    expect(skipped).toMatch(/1 folder\(s\) not looked into/);
  });

  test('files and patterns, each once', async () => {
    const { names } = await found([at('one/a.jpg'), at('one/deep/a.jpg'), at('t*/**/a.*')], false);
    expect(names).toEqual(['one/a.jpg → a', 'one/deep/a.jpg → a-2', 'two/deep/a.png → a-3']);
  });

  test('masks beside their photographs are none, unless they are named', async () => {
    for (const name of [
      'roboflow/7_jpg.rf.1.jpg',
      'roboflow/7_jpg.rf.1_mask.png',
      'roboflow/alone_mask.png',
      'roboflow/8.png',
      'roboflow/8-gt.PNG',
    ])
      await put(name);
    const { names, skipped } = await found([at('roboflow')], false);
    expect(names).toEqual(['roboflow/7_jpg.rf.1.jpg → 7_jpg.rf.1', 'roboflow/8.png → 8', 'roboflow/alone_mask.png → alone_mask']);
    expect(skipped).toBe('skipped: 2 mask(s) beside their photographs, by their names (each is taken where it is named by itself)');
    const given = await found([at('roboflow/8.png'), at('roboflow/8-gt.PNG')], false);
    expect(given.names).toEqual(['roboflow/8.png → 8', 'roboflow/8-gt.PNG → 8-gt']);
    expect(given.skipped).toBe('');
  });

  test('nothing there', async () => {
    await expect(found([at('none')], false)).rejects.toThrow(/none: there is no picture in this folder \(skipped: 1 \.txt\)/);
    await expect(found([at('nowhere.jpg')], false)).rejects.toThrow(/nowhere\.jpg: no such file, folder, or match of a pattern/);
  });

  test('HEIC, with the remedy', () => {
    expect(() => refuseHeic('a.heic')).toThrow(/a\.heic: HEIC is not read; convert it to JPEG/);
    refuseHeic('a.jpg');
  });
});
