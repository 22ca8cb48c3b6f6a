// Opens a folder of images with masks: finds which layout it has and reads its lists.

import path from 'node:path';
import { classNames, type Dataset, type DatasetOptions, type MaskLabelling, type MaskSample } from './dataset.js';
import { DataError } from './errors.js';
import { exists, readLines } from './lists.js';

/**
 * A folder with `train.txt` and `val.txt` (a line: image TAB mask, relative to the folder), or PASCAL VOC's layout.
 * @throws DataError naming the folder, list and line that is wrong.
 */
export async function openDataset(folder: string, options: DatasetOptions): Promise<Dataset<MaskLabelling>> {
  if (!(await exists(folder))) throw new DataError(`${folder}: there is no such folder; give --data the folder with train.txt and val.txt`);
  const voc = path.join(folder, 'ImageSets', 'Segmentation');
  const isVoc = await exists(voc);
  if (!isVoc && !(await exists(path.join(folder, 'train.txt'))))
    throw new DataError(`${folder}: neither train.txt (lines of image TAB mask) nor ImageSets/Segmentation (PASCAL VOC) is in it`);
  const list = (name: string): Promise<MaskSample[]> =>
    isVoc ? readVocList(folder, path.join(voc, name)) : readPairList(folder, path.join(folder, name));
  const [train, val] = [await list('train.txt'), await list('val.txt')];
  const layout = isVoc ? 'PASCAL VOC' : 'lists of images and masks';
  return {
    layout,
    labelling: { kind: 'masks', classes: classNames(options), ignore: options.ignore },
    train,
    val,
    skipped: [],
    findings: [],
  };
}

async function readPairList(folder: string, file: string): Promise<MaskSample[]> {
  const samples = (await readLines(file)).map(({ text, number }) => {
    const [image, mask, ...more] = text.split('\t');
    if (!image || !mask || more.length > 0) throw new DataError(`${file}:${number}: expected "image TAB mask", got "${text}"`);
    return { image: path.join(folder, image), mask: path.join(folder, mask), where: `${file}:${number}` };
  });
  return checkFiles(samples);
}

async function readVocList(folder: string, file: string): Promise<MaskSample[]> {
  const samples = (await readLines(file)).map(({ text, number }) => ({
    image: path.join(folder, 'JPEGImages', `${text.trim()}.jpg`),
    mask: path.join(folder, 'SegmentationClass', `${text.trim()}.png`),
    where: `${file}:${number}`,
  }));
  return checkFiles(samples);
}

async function checkFiles(samples: readonly (MaskSample & { where: string })[]): Promise<MaskSample[]> {
  await Promise.all(
    samples.map(async ({ image, mask, where }) => {
      for (const file of [image, mask])
        if (!(await exists(file))) throw new DataError(`${where}: ${file} does not exist; correct the list or add the file`);
    }),
  );
  return samples.map(({ image, mask }) => ({ image, mask }));
}
