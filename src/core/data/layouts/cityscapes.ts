// Cityscapes (https://www.cityscapes-dataset.com): `leftImg8bit/train/CITY/…_leftImg8bit.png` with
// `gtFine/train/CITY/…_gtFine_labelTrainIds.png`, or `…_labelIds.png`, whose 34 labels become the 19 that are learnt.

import { path } from '../../platform/index.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { noLabel, notLabelled } from '../mask-coding.js';
import type { MaskLayout } from './layout.js';

const classes = [
  ...['road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light', 'traffic sign', 'vegetation', 'terrain', 'sky', 'person'],
  ...['rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'],
];

/** `id` of each class, by its `trainId` (cityscapesScripts, helpers/labels.py). */
const ids = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

/** Fine labels first, then coarse ones. */
const labelFolders = ['gtFine', 'gtCoarse'];

export const cityscapes: MaskLayout = {
  task: 'segmentation',
  name: 'Cityscapes',
  signs: 'leftImg8bit/train with gtFine/train (Cityscapes)',
  fits: async (folder) => (await folder.has('leftImg8bit')) && (await labelsOf(folder)) !== undefined,
  list: async (folder, { findings }) => {
    const labels = (await labelsOf(folder)) ?? 'gtFine';
    const names = (await folder.filesBelow(labels)).map((name) => path.basename(name));
    const form = ['labelTrainIds', 'labelIds'].find((ending) => names.some((name) => name.endsWith(`_${ending}.png`)));
    if (form === undefined)
      throw new DataError(
        `${folder.at(labels)}: holds neither …_labelTrainIds.png nor …_labelIds.png; make them with cityscapesScripts (csCreateTrainIdLabelImgs)`,
      );
    const mapped = form === 'labelIds';
    return {
      train: await split(folder, labels, form, 'train', findings),
      val: (await folder.has('leftImg8bit', 'val')) ? await split(folder, labels, form, 'val', findings) : undefined,
      usualClasses: classes,
      coding: {
        kind: 'pixels',
        values: Array.from({ length: 256 }, (_, v) => (mapped ? ofId(v) : v === 255 ? notLabelled : v)),
      },
    };
  },
};

function ofId(id: number): number {
  const label = ids.indexOf(id);
  // 34 ids, and −1 in 8 bits.
  return label >= 0 ? label : id <= 33 || id === 255 ? notLabelled : noLabel;
}

async function labelsOf(folder: Folder): Promise<string | undefined> {
  for (const name of labelFolders) if (await folder.has(name)) return name;
  return undefined;
}

async function split(folder: Folder, labels: string, form: string, name: string, findings: FindingList): Promise<MaskSample[]> {
  const [images, masks] = await Promise.all([folder.filesBelow('leftImg8bit', name), folder.filesBelow(labels, name)]);
  const there = new Set(masks);
  return images.flatMap((image) => {
    const frame = image.replace(/_leftImg8bit\.\w+$/, '');
    if (frame === image) return [];
    const mask = `${frame}_${labels}_${form}.png`;
    const file = folder.at('leftImg8bit', name, image);
    if (there.has(mask)) return [{ image: file, mask: folder.at(labels, name, mask) }];
    findings.add({
      grade: 'warning',
      code: 'picture-without-label',
      cause: `pictures have no ${form} of their name and are left out`,
      files: [file],
      remedy: 'add the labels, or take the pictures out',
    });
    return [];
  });
}
