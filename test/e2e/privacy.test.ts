// Nothing is left behind outside the folders that were named: no usage events of ONNX Runtime, no logs.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 12, val: 4 });
  await writeFile(at('tiny.yaml'), tinyPreset());
});

/** Runs a command whose home and temporary folder are new. @returns what lies in them afterwards */
async function leftBehind(args: readonly string[]): Promise<string[]> {
  const [HOME, TMPDIR] = [at('home'), at('tmp')];
  await Promise.all([HOME, TMPDIR].map((place) => mkdir(place, { recursive: true })));
  const { code, stderr } = await auxcell(args, undefined, { HOME, TMPDIR, XDG_CACHE_HOME: '' });
  expect(code, stderr).toBe(0);
  return (await Promise.all([HOME, TMPDIR].map((place) => readdir(place, { recursive: true })))).flat();
}

test.each([
  ['bench latency', () => ['bench', 'latency', '--genotype', 'arch1', '--runs', '1', '--size', '64x64']],
  ['init', () => ['init', '--genotype', 'arch1', '--classes', '3', '--width', '16', '-o', at('network.safetensors')]],
  ['predict', () => ['predict', at('network.safetensors'), at('data/val/0.png'), '-o', at('seen')]],
  [
    'search, with worker processes',
    () => ['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--candidates', '2', '--workers', '2', '--out', at('run')],
  ],
])('%s leaves nothing in HOME or TMPDIR but what Auxcell keeps below ~/.cache/auxcell', async (_, args) => {
  const own = /^\.cache(\/auxcell(\/inspect(\/[0-9a-f]{64}\.json)?)?)?$/;
  expect((await leftBehind(args())).filter((name) => !own.test(name))).toEqual([]);
});
