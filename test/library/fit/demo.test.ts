// The demo as a program calls it, with few scenes: generated, searched, trained, drawn.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fitDemo } from '../../../src/library/fit/demo.js';
import { temporaryFolder } from '../../data/fixtures.js';

test('fitDemo: scenes, a search, a training, a model, a picture', async () => {
  const out = path.join(await temporaryFolder(), 'demo');
  const lines: string[] = [];
  const reporter = { show: () => {}, print: (text: string) => void lines.push(text) };
  const options = { task: 'segmentation', hours: 0.003, out, scenes: { train: 16, val: 4 }, workers: 1, reporter } as const;
  const { figures, files } = await fitDemo(options);
  expect(figures?.images).toBe(4);
  expect(lines.join('\n')).toContain('7 classes by label (background, person, animal');
  expect(files.map((file) => path.basename(file))).toEqual(expect.arrayContaining(['model.onnx', 'predictions.png', 'report.html']));
  // In so little time a search's network may be the better one; one is trained in any case.
  const names = await readdir(out);
  expect(names).toContain('training-1');
  expect(names).not.toContain('taps');
  await expect(fitDemo(options)).rejects.toThrow(/holds a fit already/);
}, 200_000);
