// Folders of pictures and depth maps, paired by name: `train/rgb` with `train/depth`, as NYUDv2 is usually unpacked;
// `images/` with `depth/`, whole or by split.

import type { DepthSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { isMap, pairFolders, type PairingWords } from '../pairs.js';
import type { DepthLayout } from './layout.js';

const imageNames = ['rgb', 'images', 'image', 'imgs', 'color', 'colour', 'left'];
const depthNames = ['depth', 'depths', 'depth_maps', 'depthmaps', 'gt_depth', 'depth_gt', 'sync_depth'];
const splitNames = {
  train: ['train', 'training'],
  val: ['val', 'valid', 'validation', 'test', 'testing'],
  test: ['test', 'testing'],
};

interface Parts {
  readonly images: readonly string[];
  readonly depths: readonly string[];
}

export const depthFolders: DepthLayout = {
  task: 'depth',
  name: 'folders of images and depth maps',
  signs: 'train/rgb with train/depth (or images/ with depth/, whole or by split)',
  fits: async (folder) => (await findParts(folder, splitNames.train)) !== undefined || (await within(folder, [])) !== undefined,
  list: async (folder, { findings }) => {
    const words = { what: 'depth map', findings };
    const bySplit = await findParts(folder, splitNames.train);
    const train = await pair(folder, bySplit ?? (await within(folder, [])), words);
    const valParts = bySplit && (await findParts(folder, splitNames.val));
    const val = await pair(folder, valParts, words);
    const test = async (): Promise<DepthSample[] | undefined> => {
      const testParts = bySplit && (await findParts(folder, splitNames.test));
      const isVal = testParts?.images.join('/') === valParts?.images.join('/');
      return isVal ? undefined : pair(folder, testParts, { what: 'depth map', findings: new FindingList() });
    };
    if (!train?.length)
      throw new DataError(
        `${folder.path}: no image in it has a depth map of its name; they are paired by name: rgb/1.jpg with depth/1.png`,
      );
    return { train, val, test };
  },
};

async function pair(folder: Folder, parts: Parts | undefined, words: PairingWords): Promise<DepthSample[] | undefined> {
  if (!parts) return undefined;
  return (await pairFolders(folder, parts.images, parts.depths, words)).map(({ image, map }) => ({ image, depth: map }));
}

async function findParts(folder: Folder, splits: readonly string[]): Promise<Parts | undefined> {
  for (const split of splits) {
    const parts = await within(folder, [split]);
    if (parts) return parts;
  }
  for (const images of imageNames)
    for (const depths of depthNames)
      for (const split of splits) {
        const parts = { images: [images, split], depths: [depths, split] };
        if (await hold(folder, parts)) return parts;
      }
  return undefined;
}

async function within(folder: Folder, part: readonly string[]): Promise<Parts | undefined> {
  for (const images of imageNames)
    for (const depths of depthNames) {
      const parts = { images: [...part, images], depths: [...part, depths] };
      if (await hold(folder, parts)) return parts;
    }
  return undefined;
}

async function hold(folder: Folder, { images, depths }: Parts): Promise<boolean> {
  if (!(await folder.has(...images)) || !(await folder.has(...depths))) return false;
  return (await folder.filesBelow(...images)).some(isMap) && (await folder.filesBelow(...depths)).some(isMap);
}
