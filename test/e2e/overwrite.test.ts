// No command writes over what it did not write itself, nor over what it reads: every command that takes the name of a result.

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPreset } from '../../src/core/preset/index.js';
import { makeRun } from '../cli/made-run.js';
import { temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { smallTraining } from '../fit/small-training.js';
import { auxcell } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

let folder: string;
let run: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 4, val: 2 });
  await mkdir(at('photos'));
  await writePhoto(at('photos', 'a.png'), 64, 48);
  await writeFile(at('tiny.yaml'), tinyPreset());
  await writeFile(at('full.yaml'), smallTraining());
  await writeFile(at('genotype.json'), '[[8,[0,0,5,2],[0,2,8,8],[0,5,1,4]],[[3,3],[3,2],[3,0]]]');
  await writeFile(at('demo.yaml'), stringify(await loadPreset('demo')));
  run = (await makeRun()).folder;
  for (const args of [
    ['init', '--genotype', 'arch1', '--classes', '3', '--width', '16', '-o', at('net.safetensors')],
    ['export', '--weights', at('net.safetensors'), '--to-torch', '-o', at('torch.safetensors')],
  ])
    expect(await auxcell(args)).toMatchObject({ code: 0 });
});

const mine = 'mine';

/** What is written, and the command that does it. @param to where */
interface Writer {
  readonly name: string;
  /** From what the command is told to the file that it writes: the same, or one in that folder. */
  readonly file?: string;
  readonly args: (to: string) => string[];
  /** What it reads, which could be named as its result. */
  readonly input: () => string;
}

const files: readonly Writer[] = [
  {
    name: 'init',
    args: (to) => ['init', '--genotype', at('genotype.json'), '--classes', '3', '--width', '16', '-o', to],
    input: () => at('genotype.json'),
  },
  { name: 'export', args: (to) => ['export', '--weights', at('net.safetensors'), '-o', to], input: () => at('net.safetensors') },
  {
    name: 'export --to-torch',
    args: (to) => ['export', '--weights', at('net.safetensors'), '--to-torch', '-o', to],
    input: () => at('net.safetensors'),
  },
  {
    name: 'import',
    args: (to) => [
      ...['import', at('torch.safetensors'), '--genotype', 'arch1', '--classes', '3', '--width', '16', '--padding', 'torch'],
      ...['-o', to],
    ],
    input: () => at('torch.safetensors'),
  },
  { name: 'inspect', args: (to) => ['inspect', at('data'), '-o', to], input: () => at('data', 'val.txt') },
  { name: 'describe', args: (to) => ['describe', at('genotype.json'), '--svg', to], input: () => at('genotype.json') },
  { name: 'trials', args: (to) => ['trials', run, '--csv', to], input: () => path.join(run, 'config.yaml') },
  { name: 'report', args: (to) => ['report', run, '-o', to], input: () => path.join(run, 'config.yaml') },
];

/** Several files in a folder, one of which is there already. */
const folders: readonly Required<Writer>[] = [
  {
    name: 'predict',
    file: 'a.png',
    args: (to) => ['predict', at('net.safetensors'), at('photos'), '--size', '64x48', '-o', to],
    input: () => at('photos'),
  },
  {
    name: 'predict, of which only the overlay is there',
    file: 'a-overlay.jpg',
    args: (to) => ['predict', at('net.safetensors'), at('photos', 'a.png'), '--size', '64x48', '-o', to],
    input: () => at('photos'),
  },
  {
    name: 'eval',
    file: 'metrics.json',
    args: (to) => ['eval', at('net.safetensors'), '--data', at('data'), '--out', to],
    input: () => at('data'),
  },
  {
    name: 'export --transformers',
    file: 'config.json',
    args: (to) => ['export', '--weights', at('net.safetensors'), '--transformers', '-o', to],
    input: () => at('data'),
  },
  {
    name: 'playground --static',
    file: 'index.html',
    args: (to) => ['playground', at('net.safetensors'), '--static', to],
    input: () => at('data'),
  },
  {
    name: 'device --static',
    file: 'index.html',
    args: (to) => ['device', '--preset', at('demo.yaml'), '--static', to],
    input: () => at('data'),
  },
];

describe('a file', () => {
  test.each(files.map((writer, k): [string, number, Writer] => [writer.name, k, writer]))('%s', async (_, k, { args, input }) => {
    const to = at(`taken-${k}`);
    await writeFile(to, mine);
    const refused = await auxcell(args(to));
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/taken-\d+: exists already; give another name, or --overwrite/),
    });
    expect(await readFile(to, 'utf8')).toBe(mine);
    // What it reads is not written over whatever is said.
    const before = await readFile(input());
    const over = await auxcell([...args(input()), '--overwrite']);
    expect(over).toMatchObject({ code: 1, stderr: expect.stringContaining('which is read; give another name') });
    expect(before.equals(await readFile(input()))).toBe(true);
    expect(await auxcell([...args(to), '--overwrite'])).toMatchObject({ code: 0 });
    expect((await stat(to)).size).toBeGreaterThan(mine.length);
  });
});

describe('files in a folder', () => {
  test.each(folders.map((writer, k): [string, number, Required<Writer>] => [writer.name, k, writer]))(
    '%s',
    async (_, k, { file, args }) => {
      const to = at(`folder-${k}`);
      await mkdir(to);
      await writeFile(path.join(to, file), mine);
      const refused = await auxcell(args(to));
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}: exists already`) });
      expect(await readFile(path.join(to, file), 'utf8')).toBe(mine);
      // Nothing else was begun.
      expect(await readdir(to)).toEqual([file]);
      expect(await auxcell([...args(to), '--overwrite'])).toMatchObject({ code: 0 });
      expect((await stat(path.join(to, file))).size).toBeGreaterThan(mine.length);
    },
  );

  test('predict into the folder of the pictures', async () => {
    const before = await readFile(at('photos', 'a.png'));
    const args = ['predict', at('net.safetensors'), at('photos'), '-o', at('photos'), '--overwrite'];
    expect(await auxcell(args)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/photos\/a\.png: would be written over .*a\.png, which is read/),
    });
    expect(before.equals(await readFile(at('photos', 'a.png')))).toBe(true);
  });
});

describe('a folder of one’s own', () => {
  test.each<[string, (to: string) => string[]]>([
    ['search', (to) => ['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--candidates', '1', '--out', to]],
    ['train', (to) => ['train', '--genotype', 'arch1', '--data', at('data'), '--preset', at('full.yaml'), '--out', to]],
    ['fit', (to) => ['fit', at('data'), '--hours', '0.01', '--out', to]],
    ['demo', (to) => ['demo', '--hours', '0.01', '--out', to]],
    ['demo --only-data', (to) => ['demo', '--only-data', '--out', to]],
  ])('%s takes none that holds something', async (name, args) => {
    const to = at(`own ${name}`);
    await mkdir(to);
    // By the name of a result, which would be replaced at the end.
    await writeFile(path.join(to, 'report.html'), mine);
    const { code, stderr } = await auxcell(args(to));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is not empty \(report\.html\).*give another folder/)]);
    expect(await readdir(to)).toEqual(['report.html']);
    expect(await readFile(path.join(to, 'report.html'), 'utf8')).toBe(mine);
  });

  test('nor the folder of the data', async () => {
    const before = await readdir(at('data'));
    const args = ['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--candidates', '1', '--out', at('data')];
    expect(await auxcell(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty (train') });
    expect(await readdir(at('data'))).toEqual(before);
  });
});
