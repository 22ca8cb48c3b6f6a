// What is laid under transparent photographs: from a preset's key to what networks are taught, and to what they say of themselves.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { loadSample } from '../../src/core/data/index.js';
import { describeTask, openPresetData, parsePreset } from '../../src/core/preset/index.js';
import { presetFolder } from '../../src/platform/node/assets.js';
import { temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { fewJoints, writePeopleFolder } from '../data/people.js';

const said = 'background: [250, 30, 90]';
const read = (name: string, from: RegExp | string, to: string) =>
  parsePreset(readFileSync(path.join(presetFolder, `${name}.yaml`), 'utf8').replace(from, to), name);

const presets = {
  segmentation: () => read('demo', /classes: \[[^\]]*\]/, `classes: [a, b, c]\n  ${said}`),
  pose: () => read('lspet-pose', 'data:', `data:\n  ${said}`),
  depth: () => read('nyud-depth', 'data: {', `data: { ${said},`),
};

test.each(Object.entries(presets))('%s: a model says it', (_, preset) => {
  const settled = preset();
  expect(describeTask(settled, settled.validation.framing)).toMatchObject({ background: [250, 30, 90] });
});

test.each(['segmentation', 'pose'] as const)('%s: it is taught', async (task) => {
  const folder = await temporaryFolder();
  if (task === 'pose') await writePeopleFolder(folder, { train: 2, val: 1 });
  else await writeStripeFolder(folder, { train: 2, val: 1 });
  const preset = presets[task]();
  const settled = preset.task === 'pose' ? { ...preset, data: { ...preset.data, joints: [...fewJoints], skeleton: [] } } : preset;
  const dataset = await openPresetData(folder, settled);
  const [first] = dataset.train;
  if (!first) throw new TypeError('no sample');
  const { width, height } = await sharp(first.image).metadata();
  await sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).toFile(first.image);
  const { image } = await loadSample(first, dataset.labelling);
  expect([...image.data.subarray(0, 3)]).toEqual([250, 30, 90]);
});
