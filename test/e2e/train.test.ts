// train, eval and predict as a user calls them, and what is left when a training is killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { env, pipeline } from '@huggingface/transformers';
import { decode } from 'fast-png';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { smallTraining } from '../fit/small-training.js';
import { thorough } from '../thorough.js';
import { auxcell, bin } from './cli.js';

/** At which a training is killed. */
const moments = thorough ? 20 : 6;

const preset = smallTraining({ 'epochs: 4': 'epochs: 90', 'batch: 4': 'batch: 2', 'every: 2': 'every: 5' });
const genotype = '[[1,[0,1,2,9],[1,0,0,3]],[[0,1],[4,0]]]';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const begin = (out: string): string[] => [
  'train',
  ...['--genotype', genotype, '--data', at('data'), '--preset', at('full.yaml'), '--seed', '3', '--threads', '1', '--out', at(out)],
];

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 14, val: 4 });
  await writeFile(at('full.yaml'), preset);
  expect((await auxcell(begin('whole'))).code).toBe(0);
});

describe('train', () => {
  test(`killed at ${moments} random moments and resumed each time: nothing is corrupt, the result is the uninterrupted one`, async () => {
    const random = seededRandom(7);
    for (let kills = 0; kills < moments; kills++) {
      // The first ones begin the training: they are killed before, while or after its files are made.
      const begun = (await readdir(at('killed')).catch((): string[] => [])).includes('config.yaml');
      const args = begun ? ['train', '--resume', at('killed'), '--threads', '1'] : begin('killed');
      const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let messages = '';
      child.stderr.on('data', (chunk: Buffer) => {
        messages += chunk.toString();
      });
      const exited = once(child, 'exit');
      // Every second one is killed after it has finished an epoch or two, however long that takes here; the others by the
      // clock, at the latest in their first epochs. So all of them never finish the whole training.
      if (kills % 2 === 1) {
        const epochs = 1 + random.integer(2);
        while (child.exitCode === null && messages.split('epoch ').length <= epochs)
          await Promise.race([exited, once(child.stderr, 'data')]);
        await Promise.race([exited, sleep(150 * random.next())]);
      } else await Promise.race([exited, sleep(350 + 500 * random.next())]);
      expect(child.exitCode, `ended before it was killed: ${messages}`).toBe(null);
      child.kill('SIGKILL');
      await exited;
    }
    expect((await readFile(at('killed/metrics.jsonl'), 'utf8')).trim().split('\n').length).toBeGreaterThan(2);
    const { code, stderr } = await auxcell(['train', '--resume', at('killed'), '--threads', '1']);
    expect(code, stderr).toBe(0);
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect((await readFile(at(`killed/${name}`))).equals(await readFile(at(`whole/${name}`))), name).toBe(true);
    expect((await readFile(at('killed/metrics.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(90);
  }, 240_000);

  test('Ctrl-C saves the step in hand and says how to go on', async () => {
    const { code, stdout } = await auxcell(begin('stopped'), (text, interrupt) => {
      if (text.includes('epoch 1:') && !text.includes('stopping')) interrupt();
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/interrupted after epoch \d+; go on with: \S*auxcell train --resume /);
    expect((await auxcell(['train', '--resume', at('stopped')])).code).toBe(0);
    expect((await readFile(at('stopped/last.safetensors'))).equals(await readFile(at('whole/last.safetensors')))).toBe(true);
  });

  test.each([
    ['nothing to begin with', () => ['train'], /--genotype, --data and --preset are needed to begin a training/],
    ['a folder without a training', () => ['train', '--resume', at('data')], /data: there is no training in it/],
    ['a change on resuming', () => ['train', '--resume', at('whole'), '--seed', '4'], /leave out --seed/],
    [
      'a preset without the section',
      () => ['train', '--genotype', 'arch0', '--data', at('data'), '--preset', 'demo'],
      /preset demo: train: /,
    ],
    [
      'a folder that is taken',
      () => begin('whole'),
      /whole: holds a training already; resume it, or give another folder \(--resume, --out\)/,
    ],
    [
      'a trial that is not there',
      () => ['train', '--genotype', `${at('data')}#3`, '--data', at('data'), '--preset', at('full.yaml')],
      /data: there is no search in it/,
    ],
  ] as const)('%s', async (_, args, message) => {
    const { code, stderr } = await auxcell(args());
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('eval', () => {
  test('figures of a safetensors network and of its export agree; the matrix is drawn', async () => {
    const weights = await auxcell(['eval', at('whole/best.safetensors'), '--data', at('data'), '--json', '--out', at('report')]);
    expect(weights.code, weights.stderr).toBe(0);
    const report = JSON.parse(weights.stdout);
    expect(report.metrics.meanIoU).toBeGreaterThan(0.3);
    expect(report.images).toBe(4);
    const counted = report.confusion.flat().reduce((a: number, b: number) => a + b, 0);
    expect(counted).toBe(4 * 48 * 40);
    const [hit, union] = [report.confusion[0][0], 0]
      .concat(
        report.confusion[0].reduce((a: number, b: number) => a + b, 0) +
          report.confusion.reduce((a: number, row: number[]) => a + (row[0] ?? 0), 0) -
          report.confusion[0][0],
      )
      .filter((_, i) => i !== 1);
    expect(report.perClass[0].iou).toBeCloseTo((hit ?? 0) / (union ?? 1), 10);
    expect(JSON.parse(await readFile(at('report/metrics.json'), 'utf8')).metrics).toEqual(report.metrics);
    expect((await sharp(at('report/confusion.svg')).metadata()).width).toBeGreaterThan(200);
    await auxcell(['export', '--weights', at('whole/best.safetensors'), '--normalise', '-o', at('model.onnx')]);
    const onnx = await auxcell(['eval', at('model.onnx'), '--data', at('data'), '--json']);
    expect(JSON.parse(onnx.stdout).metrics.meanIoU).toBeCloseTo(report.metrics.meanIoU, 6);
  });

  test('a place for results that cannot be made is told before anything is measured', async () => {
    const { code, stdout, stderr } = await auxcell(['eval', at('whole/best.safetensors'), '--data', at('data'), '--out', at('full.yaml')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--out .*full\.yaml: cannot be written/);
    expect(stdout).toBe('');
  });

  test('several scales and the mirror image', async () => {
    const { code, stdout } = await auxcell(['eval', at('model.onnx'), '--data', at('data'), '--scales', '1,1.5', '--flip']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/mean IoU +0\.\d{3}\n/);
  });

  test('what is no model', async () => {
    await writeFile(at('noise.onnx'), new Uint8Array(1000).fill(7));
    const { code, stderr } = await auxcell(['eval', at('noise.onnx'), '--data', at('data')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/noise\.onnx: /);
  });
});

describe('predict', () => {
  test('files, folders and patterns; any size; masks hold labels; one bad picture does not cost the others', async () => {
    await mkdir(at('photos/deep'), { recursive: true });
    await writePhoto(at('photos/small.jpg'), 50, 70);
    await writePhoto(at('photos/deep/large.png'), 201, 133);
    await writeFile(at('photos/broken.png'), 'this is no picture');
    const args = ['predict', at('model.onnx'), at('photos'), at('photos/**/large.*'), '-o', at('masks')];
    const { code, stdout, stderr } = await auxcell(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.png: /);
    expect(stdout).toMatch(/2 image\(s\) in .*: median \d+\.\d ms/);
    expect((await readdir(at('masks'))).toSorted()).toEqual(['large-overlay.jpg', 'large.png', 'small-overlay.jpg', 'small.png']);
    const mask = await readMask(at('masks/large.png'));
    expect([mask.width, mask.height]).toEqual([201, 133]);
    expect(Math.max(...mask.data)).toBeLessThan(3);
    expect(decode(await readFile(at('masks/large.png'))).palette?.slice(0, 2)).toEqual([
      [0, 0, 0],
      [128, 0, 0],
    ]);
  });

  test('no such picture', async () => {
    const { code, stderr } = await auxcell(['predict', at('model.onnx'), at('none.jpg'), '-o', at('masks')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/none\.jpg: no such file, folder, or match of a pattern/);
  });
});

describe('transformers.js', () => {
  test('opens the exported folder; its masks are ours', async () => {
    const made = await auxcell(['export', '--weights', at('whole/best.safetensors'), '--transformers', '--fp16', '-o', at('hub/model')]);
    expect(made.code, made.stderr).toBe(0);
    env.allowRemoteModels = false;
    env.localModelPath = `${at('hub')}/`;
    await auxcell(['predict', at('whole/best.safetensors'), at('data/val/0.png'), '-o', at('ours')]);
    const { data } = await readMask(at('ours/0.png'));
    const names = ['a', 'b', 'c'];
    const ours = names.map((_, k) => data.reduce((n, label) => n + Number(label === k), 0));
    expect(Math.min(...ours)).toBeGreaterThan(50);
    for (const dtype of ['fp32', 'fp16'] as const) {
      const segment = await pipeline('image-segmentation', 'model', { dtype });
      const masks = await segment(at('data/val/0.png'));
      await segment.dispose();
      names.forEach((name, k) => {
        const theirs = [...(masks.find(({ label }) => label === name)?.mask.data ?? [])].filter((v) => v > 0).length;
        // Logits are resized by another implementation: some pixels on a border fall to the other side.
        expect(Math.abs(theirs - (ours[k] ?? 0)), `${dtype} ${name}`).toBeLessThan(0.03 * data.length);
      });
    }
  });
});
