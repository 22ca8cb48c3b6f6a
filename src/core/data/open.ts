// Opens a folder of images with masks.

import type { Dataset, DatasetOptions, MaskLabelling } from './dataset.js';
import { openMasks } from './open-data.js';

/**
 * A folder in any of the layouts of docs/data.md: lists, folders, PASCAL VOC, COCO instances, …
 * @throws DataError naming the folder, list and line that is wrong.
 */
export function openDataset(
  folder: string,
  { classes, names, ignore, colours, background }: DatasetOptions,
): Promise<Dataset<MaskLabelling>> {
  return openMasks(folder, { names, count: classes, ignore, colours, background });
}
