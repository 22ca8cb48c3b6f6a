// A split for testing beside one for validation: read where its labels are there, kept apart, and never in the way.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Dataset, dataFingerprint, openData } from '../../src/core/data/index.js';
import { greyPng, stripes, temporaryFolder, writePhoto } from './fixtures.js';

const [width, height] = [16, 12];

async function pair(folder: string, image: string, mask: string): Promise<void> {
  for (const name of [image, mask]) await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writePhoto(path.join(folder, image), width, height, image.length + image.charCodeAt(0));
  await writeFile(path.join(folder, mask), greyPng(stripes(width, height, 3), width, height));
}

/** A folder of a picture each in the splits that are named. */
async function lists(...splits: readonly string[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const split of splits) {
    await pair(folder, `${split}/7.png`, `${split}/7-mask.png`);
    await writeFile(path.join(folder, `${split}.txt`), `${split}/7.png\t${split}/7-mask.png\n`);
  }
  return folder;
}

const imagesOf = (folder: string, { test: kept }: Dataset): string[] | undefined => kept?.map(({ image }) => path.relative(folder, image));
const codesOf = ({ findings }: Dataset): string[] => findings.map(({ grade, code }) => `${grade} ${code}`);

describe('a test split', () => {
  test('lists: beside validation it is kept; alone it validates', async () => {
    const folder = await lists('train', 'val', 'test');
    expect(imagesOf(folder, await openData(folder))).toEqual(['test/7.png']);
    const alone = await openData(await lists('train', 'test'));
    expect(alone.test).toBeUndefined();
    expect(alone.val.map(({ image }) => path.basename(path.dirname(image)))).toEqual(['test']);
  });

  test('is no part of what a search was begun with', async () => {
    const folder = await lists('train', 'val', 'test');
    const { test: kept, ...rest } = await openData(folder);
    expect(kept).toHaveLength(1);
    expect(await dataFingerprint(await openData(folder))).toBe(await dataFingerprint(rest));
  });

  test('folders, VOC and Roboflow', async () => {
    const folders = await temporaryFolder();
    for (const split of ['train', 'val', 'test']) await pair(folders, `${split}/images/7.png`, `${split}/masks/7.png`);
    expect(imagesOf(folders, await openData(folders))).toEqual(['test/images/7.png']);

    const voc = await temporaryFolder();
    await mkdir(path.join(voc, 'ImageSets', 'Segmentation'), { recursive: true });
    for (const split of ['train', 'val', 'test']) {
      await pair(voc, `JPEGImages/${split}.png`, `SegmentationClass/${split}.png`);
      await writeFile(path.join(voc, 'ImageSets', 'Segmentation', `${split}.txt`), `${split}\n`);
    }
    expect(imagesOf(voc, await openData(voc))).toEqual(['JPEGImages/test.png']);

    const roboflow = await temporaryFolder();
    for (const split of ['train', 'valid', 'test']) {
      await pair(roboflow, `${split}/7.jpg`, `${split}/7_mask.png`);
      await writeFile(path.join(roboflow, split, '_classes.csv'), 'Pixel Value, Class\n0, a\n1, b\n2, c\n');
    }
    expect(imagesOf(roboflow, await openData(roboflow))).toEqual(['test/7.jpg']);
  });

  test('depth: folders and lists', async () => {
    const folders = await temporaryFolder();
    for (const split of ['train', 'val', 'test']) await pair(folders, `${split}/rgb/7.png`, `${split}/depth/7.png`);
    const opened = await openData(folders);
    expect(opened.labelling.kind).toBe('depth');
    expect(imagesOf(folders, opened)).toEqual(['test/rgb/7.png']);
    for (const split of ['train', 'val', 'test'])
      await writeFile(path.join(folders, `${split}.txt`), `${split}/rgb/7.png ${split}/depth/7.png\n`);
    expect(imagesOf(folders, await openData(folders, { task: 'depth' }))).toEqual(['test/rgb/7.png']);
  });

  test('whose labels were kept back is left out with a note, and the rest is read', async () => {
    const folder = await lists('train', 'val', 'test');
    await rename(path.join(folder, 'test/7-mask.png'), path.join(folder, 'test/elsewhere.png'));
    const opened = await openData(folder);
    expect(opened.test).toBeUndefined();
    expect(opened.val).toHaveLength(1);
    expect(codesOf(opened)).toContain('note test-split-unusable');
    await writeFile(path.join(folder, 'test.txt'), 'test/7.png\n');
    expect(codesOf(await openData(folder))).toContain('note test-split-unusable');
  });

  test('pictures that are trained on are told', async () => {
    const folder = await lists('train', 'val', 'test');
    await writeFile(path.join(folder, 'test.txt'), 'train/7.png\ttrain/7-mask.png\n');
    expect(codesOf(await openData(folder))).toContain('warning test-picture-in-use');
  });
});
