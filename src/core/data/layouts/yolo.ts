// YOLO segmentation (https://docs.ultralytics.com/datasets/segment/): names in `data.yaml` or a plain list, pictures in
// `images/train`, and in `labels/train` a text file a picture. What no object covers is background, label 0; the names follow.

import { DataError } from '../errors.js';
import type { Folder } from '../folder.js';
import { readLines } from '../lists.js';
import type { MaskLayout } from './layout.js';
import { yoloSplits } from './yolo-pictures.js';
import { readYoloSettings, yoloFile } from './yolo-settings.js';

export const yoloSegmentation: MaskLayout = {
  task: 'segmentation',
  name: 'YOLO segmentation',
  refines: ['lists of images and masks', 'folders of images and masks'],
  signs: 'data.yaml with images/train and labels/train, or classes.txt with images and labels (YOLO segmentation)',
  fits: async (folder) => (await yoloFile(folder)) !== undefined && !(await hasPairLists(folder)),
  list: async (folder, { findings }) => {
    const settings = await readYoloSettings(folder, (await yoloFile(folder)) ?? 'data.yaml');
    const { file, names, joints } = settings;
    if (joints) throw new DataError(`${file}: kpt_shape says that its labels are joints (YOLO pose), no outlines; ask for the task pose`);
    return {
      ...(await yoloSplits(folder, settings, findings)),
      classes: ['background', ...names],
      coding: { kind: 'shapes', form: 'yolo', background: 0, labels: names.map((_, k) => k + 1) },
    };
  },
};

/** `train.txt` of image and mask is another layout's; a list of pictures may be YOLO's. */
async function hasPairLists(folder: Folder): Promise<boolean> {
  if (!(await folder.has('train.txt'))) return false;
  const [first] = await readLines(folder.at('train.txt')).catch(() => []);
  return first?.text.includes('\t') ?? false;
}
