// `train.txt` and `val.txt`: a line is image TAB mask, relative to the folder or absolute.

import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import type { Folder } from '../folder.js';
import { listedPath, readLines } from '../lists.js';
import { colourTable } from '../colour-table.js';
import type { MaskLayout } from './layout.js';
import { firstThere, type ListedFile, requireListed } from './listed.js';

const testName = 'test.txt';
const names = { train: ['train.txt'], val: ['val.txt', 'valid.txt', 'validation.txt', testName] };

export const maskLists: MaskLayout = {
  task: 'segmentation',
  name: 'lists of images and masks',
  refines: ['folders of images and masks'],
  signs: 'train.txt (lines of image TAB mask)',
  fits: (folder) => folder.has('train.txt'),
  list: async (folder) => {
    const train = await readPairList(folder, 'train.txt');
    const valName = await firstThere(folder, names.val);
    const val = valName === undefined ? undefined : await readPairList(folder, valName);
    await requireListed([...train, ...(val ?? [])]);
    const test = async (): Promise<MaskSample[] | undefined> => {
      if (valName === testName || !(await folder.has(testName))) return undefined;
      const listed = await readPairList(folder, testName);
      await requireListed(listed);
      return listed.map(pairOf);
    };
    return { train: train.map(pairOf), val: val?.map(pairOf), test, ...(await colourTable(folder)) };
  },
};

interface ListedPair extends ListedFile {
  readonly image: string;
  readonly mask: string;
}

const pairOf = ({ image, mask }: ListedPair): { image: string; mask: string } => ({ image, mask });

async function readPairList(folder: Folder, name: string): Promise<ListedPair[]> {
  const file = folder.at(name);
  return (await readLines(file)).map(({ text, number }) => {
    const [image, mask, ...more] = text.split('\t');
    if (!image || !mask || more.length > 0) throw new DataError(`${file}:${number}: expected "image TAB mask", got "${text}"`);
    const pair = { image: listedPath(folder.path, image.trim()), mask: listedPath(folder.path, mask.trim()) };
    return { ...pair, files: [pair.image, pair.mask], where: `${file}:${number}` };
  });
}
