// Opens a folder of images with depth maps, in one of three layouts:
// - lists: `train.txt` and `val.txt` of image and depth map, between them a tab or, as in the lists that go with KITTI's
//   Eigen split, a space (a third column, the focal length, is not used; `None` stands for a missing map);
// - folders, as NYUDv2 is usually unpacked: `train/rgb` and `train/depth`, `val/…` or `test/…`, files paired by name;
// - KITTI: `train/DRIVE/proj_depth/groundtruth/image_0X/N.png` and `val/…`, images in `raw/DATE/DRIVE/image_0X/data/N.png`
//   or `DATE/DRIVE/…`.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, type DepthSample, SkipCount } from './dataset.js';
import { DataError } from './errors.js';
import { exists, readLines } from './lists.js';

export interface DepthDataOptions {
  /** Stored units of a metre. */
  readonly scale: number;
}

/** @throws DataError naming the folder, list and line that is wrong */
export async function openDepthDataset(folder: string, { scale }: DepthDataOptions): Promise<Dataset> {
  if (!(await exists(folder))) throw new DataError(`${folder}: there is no such folder; give --data the folder with train.txt and val.txt`);
  const skipped = new SkipCount();
  const split = async (name: 'train' | 'val'): Promise<DepthSample[]> => {
    const list = path.join(folder, `${name}.txt`);
    if (await exists(list)) return readList(folder, list, skipped);
    const places = name === 'train' ? ['train'] : ['val', 'test'];
    for (const place of places) {
      const found = (await readFolders(path.join(folder, place))) ?? (await readKitti(folder, place, skipped));
      if (found) return found;
    }
    throw new DataError(
      `${folder}: holds no depth data of ${name}; expected ${name}.txt (image TAB depth map), ${places.map((p) => `${p}/rgb with ${p}/depth`).join(' or ')}, or KITTI's ${name}/DRIVE/proj_depth`,
    );
  };
  const [train, val] = [await split('train'), await split('val')];
  return { layout: 'depth maps', labelling: { kind: 'depth', scale }, train, val, skipped: skipped.list(), findings: [] };
}

async function readList(folder: string, file: string, skipped: SkipCount): Promise<DepthSample[]> {
  const samples: DepthSample[] = [];
  for (const { text, number } of await readLines(file)) {
    const [image, depth, ...more] = text.split(text.includes('\t') ? '\t' : / +/);
    if (!image || !depth || more.length > 1) throw new DataError(`${file}:${number}: expected "image TAB depth map", got "${text}"`);
    if (depth === 'None') {
      skipped.add('no depth map (None)');
      continue;
    }
    const sample = { image: path.join(folder, image), depth: path.join(folder, depth) };
    for (const part of [sample.image, sample.depth])
      if (!(await exists(part))) throw new DataError(`${file}:${number}: ${part} does not exist; correct the list or add the file`);
    samples.push(sample);
  }
  if (samples.length === 0) throw new DataError(`${file}: none of its images has a depth map`);
  return samples;
}

async function readFolders(place: string): Promise<DepthSample[] | undefined> {
  const [images, depths] = await Promise.all(['rgb', 'depth'].map((name) => readdir(path.join(place, name)).catch(() => undefined)));
  if (!images || !depths) return undefined;
  const byStem = new Map(depths.map((name) => [path.parse(name).name, name]));
  const samples = images.toSorted().map((name) => {
    const depth = byStem.get(path.parse(name).name);
    if (depth === undefined)
      throw new DataError(
        `${path.join(place, 'depth')}: has no depth map for ${path.join(place, 'rgb', name)}; add it or remove the image`,
      );
    return { image: path.join(place, 'rgb', name), depth: path.join(place, 'depth', depth) };
  });
  if (samples.length === 0) throw new DataError(`${path.join(place, 'rgb')}: there is no image in it`);
  return samples;
}

async function readKitti(folder: string, place: string, skipped: SkipCount): Promise<DepthSample[] | undefined> {
  const drives = await readdir(path.join(folder, place)).catch(() => []);
  const samples: DepthSample[] = [];
  for (const drive of drives.toSorted())
    for (const camera of ['image_02', 'image_03']) {
      const maps = path.join(folder, place, drive, 'proj_depth', 'groundtruth', camera);
      for (const name of (await readdir(maps).catch(() => [])).toSorted()) {
        const frame = path.join(drive.slice(0, 10), drive, camera, 'data', name);
        const images = [path.join(folder, 'raw', frame), path.join(folder, frame)].flatMap((f) => [f, f.replace(/\.png$/, '.jpg')]);
        let found: string | undefined;
        for (const image of images) if (found === undefined && (await exists(image))) found = image;
        if (found === undefined) skipped.add('a depth map whose image is not there');
        else samples.push({ image: found, depth: path.join(maps, name) });
      }
    }
  return samples.length > 0 ? samples : undefined;
}
