// A data folder as a preset describes it.

import { type Dataset, openDataset, openDepthDataset, openPoseDataset } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { TaskKeys } from './preset.js';

/** @throws DataError naming the folder, list and line that is wrong */
export function openPresetData(folder: string, preset: TaskKeys): Promise<Dataset> {
  switch (preset.task) {
    case 'segmentation': {
      const { classes, ignore } = preset.data;
      return openDataset(folder, { classes: classes.length, ignore, names: classes });
    }
    case 'pose':
      return openPoseDataset(folder, preset.data);
    case 'depth':
      return openDepthDataset(folder, preset.data);
  }
}

/** The preset for depth maps in other units. @throws UserError where the preset is not for depth */
export function withDepthScale<P extends TaskKeys>(preset: P, scale: number | undefined): P {
  if (scale === undefined) return preset;
  if (preset.task !== 'depth') throw new UserError(`--depth-scale ${scale}: the preset is for ${preset.task}; leave it out`);
  return { ...preset, data: { ...preset.data, scale } };
}
