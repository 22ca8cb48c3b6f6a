// Opens a folder of which nothing need be known: its layout says what it is for.

import type { Dataset } from './dataset.js';
import { DataError } from './errors.js';
import type { Folder } from './folder.js';
import { depthLists } from './layouts/depth-lists.js';
import { depthLayouts, maskLayouts } from './layouts/index.js';
import { maskLists } from './layouts/mask-lists.js';
import { jointsOf } from './layouts/people-files.js';
import { yoloJointsOf } from './layouts/yolo-pose.js';
import { readLines } from './lists.js';
import { type MaskOptions, noLayout, openDepths, openFolder, openMasks } from './open-data.js';
import { openPoseDataset } from './open-pose.js';

export interface DataOptions extends MaskOptions {
  /** Without it, what the folder looks like. */
  readonly task?: 'segmentation' | 'pose' | 'depth' | undefined;
  /** Stored units of a metre; without it the layout's own, or 1000. */
  readonly scale?: number | undefined;
  /** Without them, all that the first file of people has. */
  readonly joints?: readonly string[] | undefined;
}

/** @throws DataError where no layout fits, saying what was looked for and what is there */
export async function openData(place: string, options: DataOptions = {}): Promise<Dataset> {
  const folder = await openFolder(place);
  const { task = await guessTask(folder), scale, background } = options;
  switch (task) {
    case undefined:
      throw await noLayout(folder, [...maskLayouts, ...depthLayouts.filter((layout) => layout !== depthLists)]);
    case 'segmentation':
      return openMasks(place, options);
    case 'depth':
      return openDepths(place, { scale, background });
    case 'pose': {
      const joints = options.joints ?? (await knownJoints(folder));
      if (joints.length === 0)
        throw new DataError(
          `${place}: no JSON in it lists people with joints, and no data.yaml has kpt_shape (YOLO pose); docs/data.md shows each layout as a tree`,
        );
      return openPoseDataset(place, { joints, background });
    }
  }
}

/** None where the folder is of no people. */
async function knownJoints(folder: Folder): Promise<readonly string[]> {
  const listed = await jointsOf(folder);
  return listed.length > 0 ? listed : ((await yoloJointsOf(folder))?.names ?? []);
}

type Task = NonNullable<DataOptions['task']>;

async function guessTask(folder: Folder): Promise<Task | undefined> {
  if ((await knownJoints(folder)).length > 0) return 'pose';
  if ((await maskLists.fits(folder)) && (await listsDepth(folder))) return 'depth';
  for (const layout of depthLayouts) if (layout !== depthLists && (await layout.fits(folder))) return 'depth';
  for (const layout of maskLayouts) if (await layout.fits(folder)) return 'segmentation';
  return undefined;
}

/** Of a list it is the second column that tells: what is in a folder of depth, or is a file of numbers. */
async function listsDepth(folder: Folder): Promise<boolean> {
  const [line] = await readLines(folder.at('train.txt'));
  const text = line?.text ?? '';
  const [, map = ''] = text.split(text.includes('\t') ? '\t' : / +/);
  return /\.(npy|tiff?)$/i.test(map) || /depth/i.test(map) || map === 'None';
}
