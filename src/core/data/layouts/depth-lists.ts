// `train.txt` and `val.txt` of image and depth map, between them a tab or, as in the lists that go with KITTI's Eigen split,
// a space (a third column, the focal length, is not used; `None` stands for a missing map).

import type { DepthSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { listedPath, readLines } from '../lists.js';
import type { DepthLayout } from './layout.js';
import { firstThere, type ListedFile, requireListed } from './listed.js';

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
    await requireListed([...train, ...(val ?? [])].map(filesOf));
    const test = async (): Promise<DepthSample[] | undefined> => {
      if (valName === testName || !(await folder.has(testName))) return undefined;
      const listed = await readList(folder, testName, new FindingList());
      await requireListed(listed.map(filesOf));
      return listed.map(({ sample }) => sample);
    };
    return { train: train.map(({ sample }) => sample), val: val?.map(({ sample }) => sample), test };
  },
};

const filesOf = ({ sample: { image, depth }, where }: ListedDepth): ListedFile => ({ files: [image, depth], where });

interface ListedDepth {
  readonly sample: DepthSample;
  readonly where: string;
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
    listed.push({
      sample: { image: listedPath(folder.path, image.trim()), depth: listedPath(folder.path, depth.trim()) },
      where: `${file}:${number}`,
    });
  }
  if (listed.length === 0) throw new DataError(`${file}: none of its images has a depth map`);
  return listed;
}

/** Findings of this code are counted among what is skipped. */
export const leftOut = 'left-out';
