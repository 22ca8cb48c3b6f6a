// KITTI (https://www.cvlibs.net/datasets/kitti/eval_depth.php): `train/DRIVE/proj_depth/groundtruth/image_0X/N.png` and
// `val/…`, images in `raw/DATE/DRIVE/image_0X/data/N.png` or `DATE/DRIVE/…`.

import { path } from '../../platform/index.js';
import type { DepthSample } from '../dataset.js';
import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { leftOut } from './depth-lists.js';
import type { DepthLayout } from './layout.js';

export const kitti: DepthLayout = {
  task: 'depth',
  name: 'KITTI depth',
  signs: 'train/DRIVE/proj_depth (KITTI)',
  fits: async (folder) => {
    for (const drive of await folder.folders('train')) if (await folder.has('train', drive, 'proj_depth')) return true;
    return false;
  },
  list: async (folder, { findings }) => {
    const places = ['val', 'test'];
    let val: DepthSample[] | undefined;
    for (const place of places) {
      if (val !== undefined) break;
      const found = await readSplit(folder, place, findings);
      if (found.length > 0) val = found;
    }
    // The development kit: "metres = value / 256".
    return { train: await readSplit(folder, 'train', findings), val, usualScale: 256 };
  },
};

async function readSplit(folder: Folder, place: string, findings: FindingList): Promise<DepthSample[]> {
  const samples: DepthSample[] = [];
  for (const drive of await folder.folders(place))
    for (const camera of ['image_02', 'image_03']) {
      const maps = [place, drive, 'proj_depth', 'groundtruth', camera];
      for (const name of await folder.files(...maps)) {
        const frame = path.join(drive.slice(0, 10), drive, camera, 'data', name);
        const images = [path.join('raw', frame), frame].flatMap((file) => [file, file.replace(/\.png$/, '.jpg')]);
        let found: string | undefined;
        for (const image of images) if (found === undefined && (await folder.has(image))) found = folder.at(image);
        if (found !== undefined) samples.push({ image: found, depth: folder.at(...maps, name) });
        else
          findings.add({
            grade: 'warning',
            code: leftOut,
            cause: 'a depth map whose image is not there',
            files: [folder.at(...maps, name)],
            remedy: 'add the raw drives',
          });
      }
    }
  return samples;
}
