// Files of a folder that somebody else may have made: no link leads out of it, and no pipe is waited for.

import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readCard } from '../../src/core/inspect/index.js';
import { readProgress } from '../../src/library/training-progress.js';
import { TrainingPictures } from '../../src/library/training-pictures.js';
import { readOwn } from '../../src/platform/node/files/index.js';
import { temporaryFolder } from '../data/fixtures.js';

test('a plain file within its bound, and nothing else of its name', async () => {
  const folder = await temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  await writeFile(at('plain'), 'abc');
  await symlink(at('plain'), at('link'));
  await mkdir(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  expect([...((await readOwn(at('plain'), 3)) ?? [])]).toEqual([97, 98, 99]);
  expect(await readOwn(at('plain'), 2)).toBeUndefined();
  for (const name of ['link', 'folder', 'pipe', 'nowhere']) expect(await readOwn(at(name), 99), name).toBeUndefined();
});

test('a training’s pictures and its progress, and a run’s card, are its own', async () => {
  const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
  const secret = path.join(elsewhere, 'photo-0');
  await writeFile(secret, 'secret');
  await mkdir(path.join(folder, 'seen'));
  for (const name of ['photo-0', 'truth-0', 'epoch-1-0', 'index.json']) await symlink(secret, path.join(folder, 'seen', name));
  const pictures = new TrainingPictures(folder);
  expect([await pictures.photo(0), await pictures.truth(0), await pictures.prediction(1, 0), await pictures.index()]).toEqual([
    undefined,
    undefined,
    undefined,
    [],
  ]);
  const linked = await temporaryFolder();
  await symlink(elsewhere, path.join(linked, 'seen'));
  expect(await new TrainingPictures(linked).photo(0)).toBeUndefined();
  for (const name of ['progress.json', 'data-card.json']) execFileSync('mkfifo', [path.join(folder, name)]);
  expect([await readProgress(folder), await readCard(folder)]).toEqual([undefined, undefined]);
});
