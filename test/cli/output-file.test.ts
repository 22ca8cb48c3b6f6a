// Nothing of a user's is written over: not an input by any of its names, and no other file unasked.

import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { refuseTaken } from '../../src/cli/output-file.js';
import { temporaryFolder } from '../data/fixtures.js';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(at('photos', 'deep'), { recursive: true });
  for (const name of ['photos/a.png', 'photos/deep/b.png', 'mine.txt', 'other.txt']) await writeFile(at(name), name);
  await symlink(at('photos', 'a.png'), at('soft.png'));
  await link(at('photos', 'a.png'), at('hard.png'));
  await symlink(at('nowhere'), at('dangling.png'));
});

const check = (files: readonly string[], overwrite: boolean, inputs: readonly string[] = [at('photos', 'a.png')]) =>
  refuseTaken(files, { option: '-o', overwrite, inputs });

describe('files that are about to be written', () => {
  test('what is not there, with and without inputs', async () => {
    await check([at('new.png'), at('photos', 'new.png')], false);
    await check([at('new.png')], true, [at('no such input'), at('photos')]);
  });

  test.each([
    ['the file itself', () => at('photos', 'a.png')],
    ['another way to it', () => at('photos', 'deep', '..', 'a.png')],
    ['a symbolic link', () => at('soft.png')],
    ['a hard link', () => at('hard.png')],
  ])('%s is an input: refused whatever is said', async (_, file) => {
    for (const overwrite of [false, true])
      await expect(check([at('new.png'), file()], overwrite)).rejects.toThrow(/^-o .*png: would be written over .*a\.png, which is read/);
  });

  test('what lies in a folder that is read', async () => {
    await expect(check([at('photos', 'deep', 'b.png')], true, [at('photos')])).rejects.toThrow(
      /b\.png: would be written over .*photos, which is read/,
    );
  });

  test('what is there already, by name; links that lead nowhere too', async () => {
    await expect(check([at('mine.txt')], false)).rejects.toThrow(
      `-o ${at('mine.txt')}: exists already; give another name, or --overwrite to write over it`,
    );
    await expect(check([at('dangling.png')], false)).rejects.toThrow(/exists already/);
    await expect(check([at('new'), at('mine.txt'), at('other.txt')], false)).rejects.toThrow(
      /mine\.txt: exists already \(and 1 more: .*other\.txt\)/,
    );
    await check([at('mine.txt'), at('dangling.png')], true);
  });

  test('a folder is no file', async () => {
    await expect(check([at('photos')], true)).rejects.toThrow(/photos: is a folder/);
  });
});
