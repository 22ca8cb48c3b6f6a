// A data folder as a preset describes it.

import { type Dataset, openDataset } from '../data/index.js';
import type { Preset } from './preset.js';

/** @throws DataError naming the folder, list and line that is wrong */
export function openPresetData(folder: string, { data: { classes, ignore } }: Pick<Preset, 'data'>): Promise<Dataset> {
  return openDataset(folder, { classes: classes.length, ignore, names: classes });
}
