// Folders of pictures and of masks, paired by name: `images/` and `masks/`, whole or by split, in either nesting.

import { path } from '../../platform/index.js';
import { colourTable } from '../colour-table.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { isMap, pairFolders, type PairingWords } from '../pairs.js';
import type { MaskLayout } from './layout.js';

const imageNames = ['images', 'image', 'imgs', 'img', 'photos', 'rgb', 'jpegimages', 'input', 'inputs', 'pictures'];
const maskNames = [
  ...[
    'masks',
    'mask',
    'labels',
    'label',
    'annotations',
    'annotation',
    'annots',
    'annot',
    'gt',
    'ground_truth',
    'groundtruth',
    'target',
    'targets',
  ],
  ...['segmentation', 'segmentations', 'segmentationclass', 'labels_class', 'pixellabels'],
];
const splitNames = {
  train: ['train', 'training'],
  val: ['val', 'valid', 'validation', 'test', 'testing'],
  test: ['test', 'testing'],
};
/** CamVid's `train/` and `trainannot/`. */
const maskSuffixes = ['annot', '_annot', 'masks', '_masks', '_mask', '_labels', '_label', '_gt'];

interface Parts {
  readonly images: readonly string[];
  readonly masks: readonly string[];
}

export const maskFolders: MaskLayout = {
  task: 'segmentation',
  name: 'folders of images and masks',
  signs: 'images/ with masks/ (or labels, annotations, gt; whole, train/images with train/masks, or images/train with masks/train)',
  fits: async (folder) => (await findParts(folder, splitNames.train)) !== undefined || (await wholeParts(folder)) !== undefined,
  list: async (folder, { findings }) => {
    const words = { what: 'mask', findings };
    const [trainParts, valParts] = [await findParts(folder, splitNames.train), await findParts(folder, splitNames.val)];
    const whole = trainParts ? undefined : await wholeParts(folder);
    const train = await pair(folder, trainParts ?? whole, words);
    const val = whole ? undefined : await pair(folder, valParts, words);
    if (!train?.length)
      throw new DataError(`${folder.path}: no image in it has a mask of its name; masks are paired by name: images/a.jpg with masks/a.png`);
    const test = async (): Promise<MaskSample[] | undefined> => {
      const testParts = whole ? undefined : await findParts(folder, splitNames.test);
      return isSame(testParts, valParts) ? undefined : pair(folder, testParts, { what: 'mask', findings: new FindingList() });
    };
    return { train, val, test, ...(await colourTable(folder)) };
  },
};

function isSame(one: Parts | undefined, other: Parts | undefined): boolean {
  return one?.images.join('/') === other?.images.join('/');
}

async function pair(folder: Folder, parts: Parts | undefined, words: PairingWords): Promise<MaskSample[] | undefined> {
  if (!parts) return undefined;
  const pairs = await pairFolders(folder, parts.images, parts.masks, words);
  return pairs.map(({ image, map }) => ({ image, mask: map }));
}

/** Folders of one of these names, whatever their case, in a part of the folder. */
async function named(folder: Folder, within: readonly string[], names: readonly string[]): Promise<string[]> {
  const there = await folder.folders(...within);
  return names.flatMap((name) => there.filter((other) => other.toLowerCase() === name));
}

async function findParts(folder: Folder, splits: readonly string[]): Promise<Parts | undefined> {
  const candidates: Parts[] = [];
  for (const split of await named(folder, [], splits)) {
    for (const images of await named(folder, [split], imageNames))
      for (const masks of await named(folder, [split], maskNames)) candidates.push({ images: [split, images], masks: [split, masks] });
    for (const suffix of maskSuffixes)
      for (const masks of await named(folder, [], [`${split.toLowerCase()}${suffix}`]))
        candidates.push({ images: [split], masks: [masks] });
  }
  for (const images of await named(folder, [], imageNames))
    for (const masks of await named(folder, [], maskNames))
      for (const imageSplit of await named(folder, [images], splits))
        for (const maskSplit of await named(folder, [masks], [imageSplit.toLowerCase()]))
          candidates.push({ images: [images, imageSplit], masks: [masks, maskSplit] });
  return firstWithMaps(folder, candidates);
}

async function wholeParts(folder: Folder): Promise<Parts | undefined> {
  const candidates: Parts[] = [];
  for (const images of await named(folder, [], imageNames))
    for (const masks of await named(folder, [], maskNames)) candidates.push({ images: [images], masks: [masks] });
  return firstWithMaps(folder, candidates);
}

async function firstWithMaps(folder: Folder, candidates: readonly Parts[]): Promise<Parts | undefined> {
  for (const parts of candidates) {
    const [images, masks] = await Promise.all([folder.filesBelow(...parts.images), folder.filesBelow(...parts.masks)]);
    if (images.some(isMap) && masks.some((name) => isMap(path.basename(name)))) return parts;
  }
  return undefined;
}
