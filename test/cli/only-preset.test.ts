// `fit --only-preset`: the preset that is made for the data, to be changed or to measure a device for, and nothing else.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fitCommand } from '../../src/cli/fit.js';
import { loadTrainPreset } from '../../src/core/preset/index.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';

test('is written, can be given back, and nothing of the user’s is written over', async () => {
  const folder = await temporaryFolder();
  const [data, file] = [path.join(folder, 'data'), path.join(folder, 'mine.yaml')];
  await writeStripeFolder(data, { train: 12, val: 3 }, 64, 48);
  await fitCommand(data, { onlyPreset: file, classes: 'a, b,c', ignore: '255' });
  expect(await loadTrainPreset(file)).toMatchObject({ task: 'segmentation', data: { classes: ['a', 'b', 'c'], ignore: 255 } });
  expect((await readdir(folder)).toSorted()).toEqual(['data', 'mine.yaml']);
  await writeFile(file, 'mine');
  const again = (more: object = {}) => fitCommand(data, { onlyPreset: file, ...more });
  await expect(again()).rejects.toThrow(/--only-preset .*mine\.yaml: .*--overwrite/);
  expect(await readFile(file, 'utf8')).toBe('mine');
  await again({ overwrite: true });
  expect(await readFile(file, 'utf8')).toContain('stage1:');
  await expect(again({ preset: 'demo', overwrite: true })).rejects.toThrow(/--preset demo: is there already; leave it out/);
});

test('says how the aspect of pictures is rounded', async () => {
  const folder = await temporaryFolder();
  const [data, file] = [path.join(folder, 'data'), path.join(folder, 'mine.yaml')];
  await writeStripeFolder(data, { train: 12, val: 3 }, 96, 72);
  await fitCommand(data, { onlyPreset: file });
  const { validation } = await loadTrainPreset(file).then(({ train }) => train);
  // 96×72 is 4:3, this is 6:5.
  expect(validation.framing).toMatchObject({ kind: 'resize', width: 96, height: 80 });
  expect(await readFile(file, 'utf8')).toMatch(/# How pictures are seen .*: stretched to about their own aspect, sides in steps of 16/);
});
