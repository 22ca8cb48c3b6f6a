// `train.txt` and `val.txt` of image and depth map, between them a tab or, as in the lists that go with KITTI's Eigen split,
// a space (a third column, the focal length, is not used; `None` stands for a missing map).

import type { DepthSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { listedPath, readLines } from '../lists.js';
import type { DepthLayout } from './layout.js';
import { firstThere, type ListedPath, settleListed } from './listed.js';

const testName = 'test.txt';
const valNames = ['val.txt', 'valid.txt', 'validation.txt', testName];

export const depthLists: DepthLayout = {
  task: 'depth',
  name: 'lists of images and depth maps',
  refines: ['folders of images and depth maps', "NYU Depth v2's file names", 'KITTI depth'],
  signs: 'train.txt (image TAB depth map)',
  fits: (folder) => folder.has('train.txt'),
  list: async (folder, { findings }) => {
    const train = await readList(folder, 'train.txt', findings);
    const valName = await firstThere(folder, valNames);
    const val = valName === undefined ? undefined : await readList(folder, valName, findings);
    // All that is missing in both, at once.
    const both = await settle(folder, [...train, ...(val ?? [])], findings);
    const test = async (): Promise<DepthSample[] | undefined> => {
      if (valName === testName || !(await folder.has(testName))) return undefined;
      const noticed = new FindingList();
      return settle(folder, await readList(folder, testName, noticed), noticed);
    };
    return { train: both.slice(0, train.length), val: val && both.slice(train.length), test };
  },
};

interface ListedDepth {
  readonly image: ListedPath;
  readonly depth: ListedPath;
  readonly where: string;
}

/** @throws DataError that counts all files that are not there */
async function settle(folder: Folder, lines: readonly ListedDepth[], findings: FindingList): Promise<DepthSample[]> {
  const at = await settleListed(
    folder,
    lines.map(({ image, depth, where }) => ({ paths: [image, depth], where })),
    findings,
  );
  return lines.map(({ image, depth }) => ({ image: at(image), depth: at(depth) }));
}

async function readList(folder: Folder, name: string, findings: FindingList): Promise<ListedDepth[]> {
  const file = folder.at(name);
  const listed: ListedDepth[] = [];
  for (const { text, number } of await readLines(file)) {
    const [image, depth, ...more] = text.split(text.includes('\t') ? '\t' : / +/);
    if (!image || !depth || more.length > 1) throw new DataError(`${file}:${number}: expected "image TAB depth map", got "${text}"`);
    if (depth === 'None') {
      findings.add({
        grade: 'note',
        code: leftOut,
        cause: 'no depth map (None)',
        files: [`${file}:${number}`],
        remedy: 'nothing, where that is meant',
      });
      continue;
    }
    const at = (said: string): ListedPath => ({ said: said.trim(), file: listedPath(folder.path, said.trim()) });
    listed.push({ image: at(image), depth: at(depth), where: `${file}:${number}` });
  }
  if (listed.length === 0) throw new DataError(`${file}: none of its images has a depth map`);
  return listed;
}

/** Findings of this code are counted among what is skipped. */
export const leftOut = 'left-out';
