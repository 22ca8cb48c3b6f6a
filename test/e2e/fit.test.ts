// fit as a user calls it: a folder and a time, and what is there at the end; interrupted, and gone on with.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);
const bytesOf = (...names: string[]): Promise<Buffer> => readFile(at(...names));

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 24, val: 6 }, 64, 48);
});

describe('fit', () => {
  test('interrupted in the search and gone on with: a model, its forms, a report; afterwards nothing is computed anew', async () => {
    let isInterrupted = false;
    const begun = await auxcell(['fit', at('data'), '--hours', '0.015', '--workers', '1', '--out', at('mine')], (stderr, interrupt) => {
      if (isInterrupted || !/search: architecture 1/.test(stderr)) return;
      isInterrupted = true;
      interrupt();
    });
    expect(begun.code, begun.stderr).toBe(0);
    expect(begun.stdout).toContain(`fit --resume ${at('mine')}`);
    expect(begun.stdout).toContain('the best of the search so far');
    expect(await readdir(at('mine'))).toContain('model.onnx');

    const resumed = await auxcell(['fit', '--resume', at('mine')]);
    expect(resumed.code, resumed.stderr).toBe(0);
    const names = await readdir(at('mine'));
    for (const name of [
      'model.onnx',
      'model.safetensors',
      'for-transformers.js',
      'playground',
      'metrics.json',
      'report.html',
      'preset.yaml',
      'search',
      'training-1',
    ])
      expect(names).toContain(name);
    const model = await bytesOf('mine', 'model.onnx');

    const { metrics, intervals, images, int8 } = JSON.parse((await bytesOf('mine', 'metrics.json')).toString());
    expect(images).toBe(6);
    expect(intervals[0].value).toBeCloseTo(metrics.meanIoU, 6);
    expect(intervals[0].low).toBeLessThanOrEqual(intervals[0].value);
    expect(names.includes('model-int8.onnx')).toBe(int8.isKept);
    expect(begun.stderr).toContain('learnt: 3 classes by label');
    const measured = await auxcell(['eval', at('mine', 'model.onnx'), '--data', at('data'), '--json']);
    expect(JSON.parse(measured.stdout).metrics.meanIoU).toBeCloseTo(metrics.meanIoU, 6);

    expect(resumed.stdout).toMatch(/mean IoU \d\.\d+ \(95 %: [^)]*too few images[^)]*\), pixel accuracy .* on 6 validation images/);
    expect(resumed.stdout).toMatch(/ms an image of \d+×\d+ here on one thread/);

    const report = await bytesOf('mine', 'report.html');
    // As it works from where it was started.
    expect(report.toString()).toMatch(/bin\/auxcell(\.js)? playground .*mine\/model\.onnx/);
    const state = await bytesOf('mine', 'fit.json');
    const again = await auxcell(['fit', '--resume', at('mine')]);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain(`${at('mine')}: is finished`);
    expect((await bytesOf('mine', 'report.html')).equals(report)).toBe(true);
    expect((await bytesOf('mine', 'fit.json')).equals(state)).toBe(true);
    expect((await bytesOf('mine', 'model.onnx')).equals(model)).toBe(true);
  }, 300_000);

  test('what cannot be done is told before there is a folder', async () => {
    await sharp({ create: { width: 64, height: 48, channels: 3, background: '#888' } })
      .png()
      .toFile(at('alone.png'));
    await writeFile(at('a-file'), '');
    const cases = [
      [['fit'], /a folder of data and --hours are needed/],
      [['fit', at('data')], /a folder of data and --hours are needed/],
      [['fit', at('nowhere'), '--hours', '1', '--out', at('none')], /nowhere/],
      [['fit', at('data'), '--hours', '1', '--preset', 'camvid', '--out', at('none')], /has no section train/],
      [['fit', at('data'), '--hours', '1', '--target', at('nowhere.json'), '--out', at('none')], /nowhere\.json/],
      [['fit', at('data'), '--hours', '1', '--device', 'gpu', '--out', at('none')], /must be cpu, webgpu, auto/],
      [['fit', at('data'), '--hours', '1', '--candidates', '0', '--out', at('none')], /--candidates/],
      [['fit', at('data'), '--hours', '1', '--out', at('a-file')], /a-file/],
      [['fit', '--resume', at('data')], /there is no fit in it/],
      [['fit', at('data'), '--resume', at('mine')], /knows its data/],
      [['fit', at('data'), '--hours', '1', '--out', at('mine')], /holds a fit already/],
    ] as const;
    for (const [args, reason] of cases) {
      const { code, stderr } = await auxcell([...args]);
      expect(code, args.join(' ')).toBe(1);
      expect(stderr).toMatch(reason);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(await readdir(folder)).not.toContain('none');
  }, 120_000);
});
