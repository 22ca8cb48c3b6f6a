// `train.txt` and `val.txt`: a line is image TAB mask, relative to the folder or absolute.

import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { listedPath, readLines } from '../lists.js';
import { colourTable } from '../colour-table.js';
import type { MaskLayout } from './layout.js';
import { firstThere, type ListedPath, settleListed } from './listed.js';

const testName = 'test.txt';
const names = { train: ['train.txt'], val: ['val.txt', 'valid.txt', 'validation.txt', testName] };

export const maskLists: MaskLayout = {
  task: 'segmentation',
  name: 'lists of images and masks',
  refines: ['folders of images and masks'],
  signs: 'train.txt (lines of image TAB mask)',
  fits: (folder) => folder.has('train.txt'),
  list: async (folder, { findings }) => {
    const train = await readPairList(folder, 'train.txt');
    const valName = await firstThere(folder, names.val);
    const val = valName === undefined ? undefined : await readPairList(folder, valName);
    // All that is missing in both, at once.
    const both = await settle(folder, [...train, ...(val ?? [])], findings);
    const test = async (): Promise<MaskSample[] | undefined> =>
      valName === testName || !(await folder.has(testName))
        ? undefined
        : settle(folder, await readPairList(folder, testName), new FindingList());
    return { train: both.slice(0, train.length), val: val && both.slice(train.length), test, ...(await colourTable(folder)) };
  },
};

interface ListedPair {
  readonly image: ListedPath;
  readonly mask: ListedPath;
  /** File and line. */
  readonly where: string;
}

/** @throws DataError that counts all files that are not there */
async function settle(folder: Folder, lines: readonly ListedPair[], findings: FindingList): Promise<MaskSample[]> {
  const at = await settleListed(
    folder,
    lines.map(({ image, mask, where }) => ({ paths: [image, mask], where })),
    findings,
  );
  return lines.map(({ image, mask }) => ({ image: at(image), mask: at(mask) }));
}

async function readPairList(folder: Folder, name: string): Promise<ListedPair[]> {
  const file = folder.at(name);
  return (await readLines(file)).map(({ text, number }) => {
    const [image, mask, ...more] = text.split('\t').map((said) => said.trim());
    if (!image || !mask || more.length > 0) throw new DataError(`${file}:${number}: expected "image TAB mask", got "${text}"`);
    const listed = (said: string): ListedPath => ({ said, file: listedPath(folder.path, said) });
    return { image: listed(image), mask: listed(mask), where: `${file}:${number}` };
  });
}
