// Opens a data folder: finds which layout it has and reads its lists.

import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { classNames, type Dataset, type DatasetOptions, type Sample } from './dataset.js';
import { DataError } from './errors.js';

/**
 * A folder with `train.txt` and `val.txt` (a line: image TAB mask, relative to the folder), or PASCAL VOC's layout.
 * @throws DataError naming the folder, list and line that is wrong.
 */
export async function openDataset(folder: string, options: DatasetOptions): Promise<Dataset> {
  if (!(await exists(folder))) throw new DataError(`${folder}: there is no such folder; give --data the folder with train.txt and val.txt`);
  const voc = path.join(folder, 'ImageSets', 'Segmentation');
  const isVoc = await exists(voc);
  if (!isVoc && !(await exists(path.join(folder, 'train.txt'))))
    throw new DataError(`${folder}: neither train.txt (lines of image TAB mask) nor ImageSets/Segmentation (PASCAL VOC) is in it`);
  const list = (name: string): Promise<Sample[]> =>
    isVoc ? readVocList(folder, path.join(voc, name)) : readPairList(folder, path.join(folder, name));
  const [train, val] = [await list('train.txt'), await list('val.txt')];
  return { classes: classNames(options), ignore: options.ignore, train, val };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function readLines(file: string): Promise<{ text: string; number: number }[]> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DataError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
  });
  const lines = content.split(/\r?\n/).map((text, i) => ({ text: text.trimEnd(), number: i + 1 }));
  const filled = lines.filter(({ text }) => text !== '');
  if (filled.length === 0) throw new DataError(`${file}: the list is empty`);
  return filled;
}

async function readPairList(folder: string, file: string): Promise<Sample[]> {
  const samples = (await readLines(file)).map(({ text, number }) => {
    const [image, mask, ...more] = text.split('\t');
    if (!image || !mask || more.length > 0) throw new DataError(`${file}:${number}: expected "image TAB mask", got "${text}"`);
    return { image: path.join(folder, image), mask: path.join(folder, mask), where: `${file}:${number}` };
  });
  return checkFiles(samples);
}

async function readVocList(folder: string, file: string): Promise<Sample[]> {
  const samples = (await readLines(file)).map(({ text, number }) => ({
    image: path.join(folder, 'JPEGImages', `${text.trim()}.jpg`),
    mask: path.join(folder, 'SegmentationClass', `${text.trim()}.png`),
    where: `${file}:${number}`,
  }));
  return checkFiles(samples);
}

async function checkFiles(samples: readonly (Sample & { where: string })[]): Promise<Sample[]> {
  await Promise.all(
    samples.map(async ({ image, mask, where }) => {
      for (const file of [image, mask])
        if (!(await exists(file))) throw new DataError(`${where}: ${file} does not exist; correct the list or add the file`);
    }),
  );
  return samples.map(({ image, mask }) => ({ image, mask }));
}
