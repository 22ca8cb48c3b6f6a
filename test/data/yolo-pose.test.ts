// YOLO pose: people with boxes and joints in shares of the picture, a line each.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Dataset, openData, sidePairs } from '../../src/core/data/index.js';
import { inspectData } from '../../src/index.js';
import { presetForData } from '../../src/library/fit/preset-for-data.js';
import { temporaryFolder, writePhoto } from './fixtures.js';

const [width, height] = [40, 20];
let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function put(name: string, content: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), content);
}

/** @param texts of labels, by picture */
async function write(yaml: string, texts: Readonly<Record<string, string | undefined>>): Promise<void> {
  await put('data.yaml', `train: images/train\nval: images/val\nnames: [person, dog]\n${yaml}\n`);
  let seed = 0;
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(path.join(folder, 'images', path.dirname(name)), { recursive: true });
    await writePhoto(path.join(folder, 'images', `${name}.png`), width, height, seed++);
    if (text !== undefined) await put(`labels/${name}.txt`, text);
  }
}

const people = ({ train, val }: Dataset, split: 'train' | 'val' = 'train') => {
  const all = split === 'train' ? train : val;
  return all.flatMap((sample) => ('person' in sample ? [sample] : []));
};

const two = '0 0.5 0.5 0.4 0.8 0.4 0.2 2 0.6 0.4 1 0.5 0.8 0\n1 0.25 0.5 0.5 1 0.1 0.1 2 0 0 0 0.45 0.95 2\n';
const named = 'kpt_shape: [3, 3]\nkpt_names:\n  0: [head, left_hand, right_hand]\n  1: [head, left_hand, right_hand]';

test('several people a picture, of all classes: boxes and joints in pixels, what is not visible is not', async () => {
  await write(named, { 'train/a': two, 'train/b': '', 'train/c': undefined, 'val/d': two });
  const dataset = await openData(folder);
  expect([dataset.layout, dataset.train.length, dataset.val.length]).toEqual(['YOLO pose', 2, 2]);
  expect(dataset.labelling).toMatchObject({ kind: 'joints', joints: ['head', 'left_hand', 'right_hand'] });
  const [first, second] = people(dataset);
  expect(first?.person.box).toEqual({
    left: expect.closeTo(12),
    top: expect.closeTo(2),
    width: expect.closeTo(16),
    height: expect.closeTo(16),
  });
  expect([...(first?.person.joints ?? [])].map((v) => Math.round(v))).toEqual([16, 4, 1, 24, 8, 1, 20, 16, 0]);
  expect([...(second?.person.joints ?? [])].map((v) => Math.round(v))).toEqual([4, 2, 1, 0, 0, 0, 18, 19, 1]);
  expect(dataset.findings.map(({ grade, code, count }) => `${grade} ${code} ${count}`)).toEqual(['warning picture-without-label 1']);
});

test('joints that a preset names, in its order; one that is not there is refused', async () => {
  await write(named, { 'train/a': two, 'val/d': two });
  const dataset = await openData(folder, { joints: ['right_hand', 'head'] });
  expect([...(people(dataset, 'val')[1]?.person.joints ?? [])].map((v) => Math.round(v))).toEqual([18, 19, 1, 4, 2, 1]);
  await expect(openData(folder, { task: 'pose', joints: ['tail'] })).rejects.toThrow(/data\.yaml: has no joint "tail" but head, left_hand/);
});

test('two numbers a joint: 0, 0 is not labelled', async () => {
  const line = '0 0.5 0.5 0.4 0.8 0.4 0.2 0 0 0.5 0.8\n';
  await write('kpt_shape: [3, 2]', { 'train/a': line, 'val/d': line });
  const [only] = people(await openData(folder));
  expect([...(only?.person.joints ?? [])].filter((_, k) => k % 3 === 2)).toEqual([1, 0, 1]);
});

test('a line of another length is refused by file, line and numbers', async () => {
  await write(named, { 'train/a': two, 'val/d': '0 0.5 0.5 0.4 0.8 0.4 0.2 2 0.6 0.4 1\n' });
  await expect(openData(folder)).rejects.toThrow(
    /labels\/val\/d\.txt:1: expected 14 numbers \(class, box, 3 joints of 3\), got .* with 11/,
  );
});

describe('joints without names', () => {
  const lines = (joints: number): string => `0 0.5 0.5 0.8 0.8${' 0.4 0.6 2'.repeat(joints)}\n`;
  const open = async (yaml: string, joints: number): Promise<Dataset> => {
    await write(yaml, {
      'train/a': lines(joints),
      'train/b': lines(joints),
      'train/c': lines(joints),
      'train/e': lines(joints),
      'val/d': lines(joints),
    });
    return openData(folder);
  };
  const joints = ({ labelling }: Dataset): readonly string[] => (labelling.kind === 'joints' ? labelling.joints : []);
  const told = ({ findings }: Dataset): string[] => findings.map(({ grade, code }) => `${grade} ${code}`);

  test('seventeen are COCO’s', async () => {
    const dataset = await open('kpt_shape: [17, 3]\nflip_idx: [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]', 17);
    expect(joints(dataset).slice(0, 3)).toEqual(['nose', 'left_eye', 'right_eye']);
    expect(told(dataset)).toEqual(['note joints-without-names']);
  });

  test('which change places in the mirror is kept', async () => {
    const dataset = await open('kpt_shape: [4, 3]\nflip_idx: [1, 0, 2, 3]', 4);
    expect(sidePairs(joints(dataset))).toEqual([[0, 1]]);
    expect(told(dataset)).toEqual(['note joints-without-names']);
  });

  test('where nobody says it, it is warned of, and fit does not mirror', async () => {
    const dataset = await open('kpt_shape: [4, 3]', 4);
    expect(told(dataset)).toEqual(['warning joints-without-names']);
    const preset = presetForData(await inspectData(folder));
    expect(preset.stage1.framing).toMatchObject({ kind: 'person', mirror: false });
  });
});
