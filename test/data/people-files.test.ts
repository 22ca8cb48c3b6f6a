// Lists of people where tools put them, with and without a list for validation.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openData, openPoseDataset } from '../../src/core/data/index.js';
import { temporaryFolder } from './fixtures.js';
import { fewJoints, writePeopleFolder } from './people.js';

/** `train.json`, `val.json` and `images/`, which are put elsewhere. */
async function folderWith(counts: { train: number; val: number }, move: (at: (name: string) => string) => Promise<void>): Promise<string> {
  const folder = await temporaryFolder();
  await writePeopleFolder(folder, counts);
  await move((name) => path.join(folder, name));
  return folder;
}

const namesOf = (samples: readonly { image: string }[]): string[] => samples.map(({ image }) => path.basename(image)).toSorted();

describe('with a list for validation', () => {
  test.each<[string, (at: (name: string) => string) => Promise<void>]>([
    ['beside the pictures', async () => {}],
    [
      'COCO',
      async (at) => {
        await mkdir(at('annotations'));
        for (const split of ['train', 'val']) {
          await splitPictures(at, split, `${split}2017`);
          await rename(at(`${split}.json`), at(`annotations/person_keypoints_${split}2017.json`));
        }
      },
    ],
    [
      'CVAT, with subsets of its own names',
      async (at) => {
        await mkdir(at('annotations'));
        for (const [split, name] of [
          ['train', 'Train'],
          ['val', 'Validation'],
        ] as const) {
          await splitPictures(at, split, `images/${name}`);
          await rename(at(`${split}.json`), at(`annotations/person_keypoints_${name}.json`));
        }
      },
    ],
    [
      'Roboflow',
      async (at) => {
        for (const [split, name] of [
          ['train', 'train'],
          ['val', 'valid'],
        ] as const) {
          await splitPictures(at, split, name);
          await rename(at(`${split}.json`), at(`${name}/_annotations.coco.json`));
        }
      },
    ],
  ])('%s', async (_, move) => {
    const folder = await folderWith({ train: 4, val: 2 }, move);
    const dataset = await openData(folder);
    expect(dataset.labelling).toEqual({ kind: 'joints', joints: [...fewJoints] });
    expect([dataset.train.length, dataset.val.length]).toEqual([4, 2]);
    expect(namesOf(dataset.val)).toEqual(['val-0.png', 'val-1.png']);
    expect(dataset.findings).toEqual([]);
  });
});

/** Moves the pictures of a split out of `images/`. */
async function splitPictures(at: (name: string) => string, split: string, to: string): Promise<void> {
  await mkdir(at(to), { recursive: true });
  const { images } = JSON.parse(await readFile(at(`${split}.json`), 'utf8'));
  for (const { file_name } of images) await rename(at(`images/${file_name}`), at(`${to}/${file_name}`));
}

describe('one list of all', () => {
  const whole = (name: string) =>
    folderWith({ train: 10, val: 1 }, async (at) => {
      await rm(at('val.json'));
      await mkdir(at(path.dirname(name)), { recursive: true });
      await rename(at('train.json'), at(name));
    });

  test.each([
    'train.json',
    'annotations/person_keypoints_default.json',
    '_annotations.coco.json',
    'result.json',
    'annotations.json',
    'my skeletons.json',
  ])('%s: a split is drawn, the same whenever it is, and written down', async (name) => {
    const folder = await whole(name);
    const [first, second] = [await openData(folder), await openPoseDataset(folder, { joints: fewJoints })];
    expect([first.train.length, first.val.length]).toEqual([8, 2]);
    expect(namesOf(first.val)).toEqual(namesOf(second.val));
    expect(namesOf(first.val)).toEqual(namesOf((await openData(await whole('train.json'))).val));
    expect(first.findings).toMatchObject([
      { grade: 'note', code: 'split-drawn', cause: expect.stringContaining('2 of 10 pictures'), count: 2 },
    ]);
  });

  test('people of one picture stay together, and pictures are counted', async () => {
    const folder = await whole('train.json');
    const file = path.join(folder, 'train.json');
    const content = JSON.parse(await readFile(file, 'utf8'));
    content.annotations.push(...content.annotations.map((a: { id: number }) => ({ ...a, id: a.id + 100 })));
    await writeFile(file, JSON.stringify(content));
    const { train, val, findings } = await openPoseDataset(folder, { joints: fewJoints });
    expect([train.length, val.length]).toEqual([16, 4]);
    const learnt = new Set(train.map(({ image }) => image));
    expect(val.filter(({ image }) => learnt.has(image))).toEqual([]);
    expect(findings.find(({ code }) => code === 'split-drawn')?.cause).toContain('2 of 10 pictures');
  });

  test('one picture cannot be both learnt from and measured on', async () => {
    const folder = await folderWith({ train: 1, val: 1 }, (at) => rm(at('val.json')));
    await expect(openPoseDataset(folder, { joints: fewJoints })).rejects.toThrow(/holds one picture, which cannot be both/);
  });
});

test('pictures that the list names as they lay on another machine', async () => {
  const folder = await folderWith({ train: 3, val: 2 }, async (at) => {
    const content = JSON.parse(await readFile(at('train.json'), 'utf8'));
    content.images.forEach((image: { file_name: string }, i: number) => {
      image.file_name =
        [`C:\\Users\\me\\set\\images\\${image.file_name}`, `/home/me/${image.file_name}`, `./images/${image.file_name}`][i] ?? '';
    });
    await writeFile(at('train.json'), JSON.stringify(content));
  });
  const { train, findings } = await openPoseDataset(folder, { joints: fewJoints });
  expect(namesOf(train)).toEqual(['train-0.png', 'train-1.png', 'train-2.png']);
  expect(findings).toMatchObject([{ grade: 'note', code: 'paths-of-another-place', count: 2 }]);
});

test('two paths that could mean one picture are not guessed', async () => {
  const folder = await folderWith({ train: 2, val: 1 }, async (at) => {
    const content = JSON.parse(await readFile(at('train.json'), 'utf8'));
    content.images.forEach((image: { file_name: string }, i: number) => {
      image.file_name = `/of/${'ab'[i]}/train-0.png`;
    });
    await writeFile(at('train.json'), JSON.stringify(content));
  });
  await expect(openPoseDataset(folder, { joints: fewJoints })).rejects.toThrow(/\(2 of 2 pictures\) are in none of/);
});
