// PASCAL VOC (http://host.robots.ox.ac.uk/pascal/VOC/): `ImageSets/Segmentation/train.txt`, `JPEGImages/`, `SegmentationClass/`;
// with `labelmap.txt`, as CVAT exports "Segmentation mask 1.1", its colours say the classes.

import { colourTable } from '../colour-table.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import type { Folder } from '../folder.js';
import { readLines } from '../lists.js';
import { notLabelled } from '../mask-coding.js';
import { labelColour } from '../palette.js';
import { isMap, isPhoto, stemOf } from '../pairs.js';
import type { Listing, ListingContext, MaskLayout } from './layout.js';
import { firstThere, requireListed } from './listed.js';

const lists = ['ImageSets', 'Segmentation'];

const vocClasses = [
  ...['background', 'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow', 'diningtable', 'dog', 'horse'],
  ...['motorbike', 'person', 'pottedplant', 'sheep', 'sofa', 'train', 'tvmonitor'],
];

export const voc: MaskLayout = {
  task: 'segmentation',
  name: 'PASCAL VOC',
  signs: 'ImageSets/Segmentation (PASCAL VOC)',
  fits: (folder) => folder.has(...lists),
  list: listVoc,
};

export const cvatMasks: MaskLayout = {
  task: 'segmentation',
  name: 'CVAT segmentation masks',
  refines: ['PASCAL VOC'],
  signs: 'labelmap.txt with ImageSets/Segmentation (CVAT "Segmentation mask 1.1")',
  fits: async (folder) => (await folder.has('labelmap.txt')) && (await folder.has(...lists)),
  list: listVoc,
};

async function listVoc(folder: Folder, context: ListingContext): Promise<Listing<MaskSample>> {
  const listed = await listSplits(folder, context);
  const colours = await colourTable(folder);
  if (colours.classes) return { ...listed, ...colours };
  // VOC's own pictures are named by their year.
  const isOriginal = listed.train.every(({ image }) => /[\\/](2007|2008|2009|2010|2011|2012)_\d{6}\.\w+$/.test(image));
  const coding = {
    kind: 'pixels' as const,
    colours: [
      ...Array.from({ length: 255 }, (_, label) => ({ colour: labelColour(label), label })),
      { colour: [224, 224, 192] as const, label: notLabelled },
    ],
  };
  return { ...listed, usualClasses: isOriginal ? vocClasses : undefined, coding };
}

const testNames = ['test.txt', 'Test.txt'];
const namesOf = (files: readonly string[]): string[] => files.map((name) => `${lists.join('/')}/${name}`);

type VocSplits = Pick<Listing<MaskSample>, 'val' | 'test'> & { readonly train: readonly MaskSample[] };

async function listSplits(folder: Folder, { findings }: ListingContext): Promise<VocSplits> {
  const there = (await folder.files(...lists)).filter((name) => name.endsWith('.txt'));
  const trainName = (await firstThere(folder, namesOf(['train.txt', 'Train.txt', 'trainval.txt', 'default.txt']))) ?? undefined;
  const one = trainName ?? (there.length === 1 ? `${lists.join('/')}/${there[0]}` : undefined);
  if (one === undefined)
    throw new DataError(
      `${folder.at(...lists)}: holds ${there.join(', ') || 'no list'}; expected train.txt and val.txt, or one list of all`,
    );
  const valName = /train\.txt$/i.test(one)
    ? await firstThere(folder, namesOf(['val.txt', 'Val.txt', 'valid.txt', 'Validation.txt', ...testNames]))
    : undefined;
  const photos = new Map<string, string>();
  for (const name of await folder.filesBelow('JPEGImages')) if (isPhoto(name)) photos.set(stemOf(name), photos.get(stemOf(name)) ?? name);
  const masks = new Map<string, string>();
  for (const name of await folder.filesBelow('SegmentationClass'))
    if (isMap(name) && !masks.get(stemOf(name))?.endsWith('.png')) masks.set(stemOf(name), name);
  const read = async (list: string): Promise<(MaskSample & { where: string })[]> =>
    (await readLines(folder.at(list))).map(({ text, number }) => {
      const said = text.trim().replaceAll('\\', '/');
      const stem = photos.has(said) ? said : stemOf(said);
      const named = photos.has(said) || !photos.has(stem) ? said : stem;
      return {
        image: folder.at('JPEGImages', photos.get(said) ?? photos.get(stem) ?? `${said}.jpg`),
        mask: folder.at('SegmentationClass', masks.get(named) ?? `${named}.png`),
        where: `${folder.at(list)}:${number}`,
      };
    });
  const train = await read(one);
  const val = valName === undefined ? undefined : await read(valName);
  const all = [...train, ...(val ?? [])];
  await requireListed(all.map(({ image, mask, where }) => ({ files: [image, mask], where })));
  const listed = new Set(all.map(({ image }) => image));
  const left = [...photos.values()].map((name) => folder.at('JPEGImages', name)).filter((image) => !listed.has(image));
  if (left.length > 0)
    findings.add({
      grade: 'note',
      code: 'picture-in-no-list',
      cause: 'pictures of JPEGImages are in none of the lists that were read',
      count: left.length,
      files: left.slice(0, 3),
      remedy: 'nothing, where that is meant',
    });
  const plain = ({ image, mask }: MaskSample): MaskSample => ({ image, mask });
  const test = async (): Promise<MaskSample[] | undefined> => {
    const testName = await firstThere(folder, namesOf(testNames));
    if (valName === undefined || testName === undefined || testName === valName) return undefined;
    const tested = await read(testName);
    await requireListed(tested.map(({ image, mask, where }) => ({ files: [image, mask], where })));
    return tested.map(plain);
  };
  return { train: train.map(plain), val: val?.map(plain), test };
}
