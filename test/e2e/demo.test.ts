// The demo's scenes from the command line.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';

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
