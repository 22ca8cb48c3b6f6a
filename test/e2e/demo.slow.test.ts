// The README's command for the main job, in less time, and its scenes alone.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';

test('demo: scenes, a search, a training, a model, a picture', async () => {
  const out = path.join(await temporaryFolder(), 'demo');
  const { code, stdout, stderr } = await auxcell(['demo', '--hours', '0.01', '--out', out]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/mean IoU 0\.\d+/);
  expect(stderr).toContain('7 classes by label (background, person, animal');
  const names = await readdir(out);
  for (const name of ['data', 'model.onnx', 'predictions.png', 'report.html', 'playground', 'search']) expect(names).toContain(name);
  expect(names).not.toContain('taps');
  const again = await auxcell(['demo', '--hours', '0.01', '--out', out]);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('holds a fit already');
}, 600_000);

test('demo --only-data: scenes for the steps one by one', async () => {
  const out = path.join(await temporaryFolder(), 'scenes');
  const { code, stdout, stderr } = await auxcell(['demo', '--only-data', '--out', out]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`fit ${out} --hours 0.1 --classes background,person`);
  const lines = async (name: string): Promise<number> => (await readFile(path.join(out, name), 'utf8')).trim().split('\n').length;
  expect([await lines('train.txt'), await lines('val.txt')]).toEqual([260, 40]);
  const again = await auxcell(['demo', '--only-data', '--out', out]);
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/is not empty .*give another folder/);
}, 120_000);
