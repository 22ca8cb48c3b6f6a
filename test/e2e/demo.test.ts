// The README's command for the main job, cut down to one architecture.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';

test('demo', async () => {
  const out = path.join(await temporaryFolder(), 'demo');
  const { code, stdout, stderr } = await auxcell(['demo', '--candidates', '1', '--out', out]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/#1 +0\.\d+/);
  expect((await readdir(out)).sort()).toEqual([
    'best.onnx',
    'best.safetensors',
    'best.svg',
    'config.yaml',
    'data',
    'data-card.json',
    'encoder.safetensors',
    'predictions.png',
    'search.db',
  ]);
}, 300_000);
