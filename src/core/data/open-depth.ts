// Opens a folder of images with depth maps.

import type { Dataset, DepthLabelling } from './dataset.js';
import { type DepthOptions, openDepths } from './open-data.js';

export type DepthDataOptions = DepthOptions;

/** @throws DataError naming the folder, list and line that is wrong */
export function openDepthDataset(folder: string, options: DepthDataOptions): Promise<Dataset<DepthLabelling>> {
  return openDepths(folder, options);
}
