// NYU Depth v2 by its usual file names: in any folder below `train/` and `test/` (or without a split) `rgb_00000.jpg` stands
// beside `sync_depth_00000.png`.

import { path } from '../../platform/index.js';
import type { DepthSample } from '../dataset.js';
import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { isMap, isPhoto } from '../pairs.js';
import type { DepthLayout } from './layout.js';

const splitNames = {
  train: ['train', 'sync', 'nyu_train', 'nyu2_train'],
  val: ['val', 'test', 'official_splits/test', 'nyu_test', 'nyu2_test'],
};
const photo = /^rgb_(\d+)\.\w+$/;
const depth = /^(?:sync_)?depth_(\d+)\.\w+$/;

export const nyuNames: DepthLayout = {
  task: 'depth',
  name: "NYU Depth v2's file names",
  signs: 'rgb_00000.jpg beside sync_depth_00000.png (NYU Depth v2)',
  fits: async (folder) => {
    for (const part of ['', ...splitNames.train]) if (await holds(folder, part)) return true;
    return false;
  },
  list: async (folder, { findings }) => {
    const first = async (names: readonly string[]): Promise<string | undefined> => {
      for (const name of names) if (await holds(folder, name)) return name;
      return undefined;
    };
    const train = await first(splitNames.train);
    const val = train === undefined ? undefined : await first(splitNames.val);
    const validation = val === undefined ? undefined : await pairs(folder, val, findings);
    return { train: await pairs(folder, train ?? '', findings), val: validation, usualScale: 1000 };
  },
};

async function holds(folder: Folder, part: string): Promise<boolean> {
  // A large folder is looked at once in any case: it is listed afterwards.
  if (part === '' && !(await shallow(folder))) return false;
  return (await folder.filesBelow(part)).some((name) => depth.test(path.basename(name)));
}

/** Without a split, the pictures lie in the folder or one below, so that no foreign tree is walked through. */
async function shallow(folder: Folder): Promise<boolean> {
  const names = [...(await folder.files()), ...(await Promise.all((await folder.folders()).map((name) => folder.files(name)))).flat()];
  return names.some((name) => depth.test(name));
}

async function pairs(folder: Folder, part: string, findings: FindingList): Promise<DepthSample[]> {
  const files = (await folder.filesBelow(part)).map((name) => path.join(part, name));
  const maps = new Map<string, string>();
  for (const name of files.filter(isMap)) {
    const [, number] = depth.exec(path.basename(name)) ?? [];
    if (number !== undefined) maps.set(path.join(path.dirname(name), number), name);
  }
  return files.filter(isPhoto).flatMap((name) => {
    const [, number] = photo.exec(path.basename(name)) ?? [];
    if (number === undefined) return [];
    const map = maps.get(path.join(path.dirname(name), number));
    if (map !== undefined) return [{ image: folder.at(name), depth: folder.at(map) }];
    findings.add({
      grade: 'warning',
      code: 'picture-without-label',
      cause: 'pictures have no depth map of their number and are left out',
      files: [folder.at(name)],
      remedy: 'add the depth maps, or take the pictures out',
    });
    return [];
  });
}
