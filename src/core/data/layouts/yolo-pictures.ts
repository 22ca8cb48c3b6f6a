// Where YOLO's pictures lie, and the texts of labels that belong to them.

import { path } from '../../platform/index.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { exists, listedPath, readLines } from '../lists.js';
import { isPhoto, stemOf } from '../pairs.js';
import { firstThere, type ListedPath, settlePaths } from './listed.js';
import type { YoloSettings } from './yolo-settings.js';

/** Where pictures usually lie, for those who do not say it. */
const usual = {
  train: ['images/train', 'train/images', 'images', 'train', '.'],
  val: ['images/val', 'images/valid', 'val/images', 'valid/images', 'val', 'valid', 'images/test', 'test/images'],
};

interface YoloSplits {
  readonly train: readonly MaskSample[] | undefined;
  readonly val: readonly MaskSample[] | undefined;
  readonly test: () => Promise<readonly MaskSample[] | undefined>;
}

/** @throws DataError where a folder or list that the settings name is not there */
export async function yoloSplits(folder: Folder, settings: YoloSettings, findings: FindingList): Promise<YoloSplits> {
  const { test } = settings;
  const split = async (places: readonly string[] | undefined, noticed = findings): Promise<MaskSample[] | undefined> => {
    if (places === undefined) return undefined;
    return (await Promise.all(places.map((part) => listPlace(folder, settings, part, noticed)))).flat();
  };
  const train = settings.train ?? (await usualPlace(folder, usual.train));
  const val = await valPlaces(folder, settings, findings);
  return {
    train: await split(train),
    val: await split(val),
    test: async () => (test && val !== test ? split(test, new FindingList()) : undefined),
  };
}

async function usualPlace(folder: Folder, places: readonly string[]): Promise<readonly string[] | undefined> {
  const found = await firstThere(folder, places);
  return found === undefined ? undefined : [found];
}

/** What is said; Roboflow says `valid` and `test` whether there are any or not. */
async function valPlaces(folder: Folder, settings: YoloSettings, findings: FindingList): Promise<readonly string[] | undefined> {
  const { file, train, val, test } = settings;
  if (!train) return usualPlace(folder, usual.val);
  const there = async (places: readonly string[] | undefined): Promise<boolean> =>
    places !== undefined &&
    (await Promise.all(places.map((part) => placeOf(folder, settings, part)))).every((where) => where !== undefined);
  for (const places of [val, test]) if (await there(places)) return places;
  const other = await usualPlace(folder, usual.val);
  if (val && other) throw missing(file, val);
  if (val)
    findings.add({
      grade: 'warning',
      code: 'split-not-there',
      cause: `the folder for validation (${val.join(', ')}) is not there`,
      files: [file],
      remedy: 'correct val, where there are such pictures; otherwise nothing: some of the others are kept for validation',
    });
  return undefined;
}

function missing(file: string, said: readonly string[]): DataError {
  return new DataError(`${file}: ${said.join(', ')} does not exist; correct path, train and val`);
}

/** `path` was right where the data lay when it was exported; Roboflow writes `../train/images`. */
async function placeOf(folder: Folder, { root = '.' }: YoloSettings, said: string): Promise<string | undefined> {
  const plain = said.replaceAll('\\', '/');
  const tries = [
    listedPath(listedPath(folder.path, root), plain),
    listedPath(folder.path, plain),
    folder.at(plain.replace(/^(\.\.\/)+/, '')),
  ];
  for (const attempt of tries) if (await exists(attempt)) return attempt;
  return undefined;
}

/** A folder of pictures, or a list of them. */
async function listPlace(folder: Folder, settings: YoloSettings, said: string, findings: FindingList): Promise<MaskSample[]> {
  const where = await placeOf(folder, settings, said);
  if (where === undefined) throw missing(settings.file, [said]);
  const relative = path.relative(folder.path, where);
  const images = where.endsWith('.txt')
    ? await listedPictures(folder, where, findings)
    : (await folder.filesBelow(relative)).filter(isPhoto).map((name) => folder.at(relative, name));
  return Promise.all(images.map((image) => withLabels(folder, image, findings)));
}

/** Paths from the data folder, or as they were where it was exported: CVAT begins them with `data/`. */
async function listedPictures(folder: Folder, list: string, findings: FindingList): Promise<string[]> {
  const paths = (await readLines(list)).map(({ text }): ListedPath => ({ said: text.trim(), file: listedPath(folder.path, text.trim()) }));
  return paths.map(await settlePaths(folder, paths, findings));
}

/** `images` in the path becomes `labels`, as YOLO does it. No file is a picture without objects. */
async function withLabels(folder: Folder, image: string, findings: FindingList): Promise<MaskSample> {
  // Folders above the data may be called so as well.
  const inside = path.relative(folder.path, stemOf(image));
  const parts = inside.split(path.sep);
  const at = parts.lastIndexOf('images');
  const mask = folder.at(`${(at < 0 ? parts : parts.with(at, 'labels')).join(path.sep)}.txt`);
  if (await exists(mask)) return { image, mask };
  findings.add({
    grade: 'warning',
    code: 'picture-without-label',
    cause: 'pictures have no file of labels and count as background',
    files: [image],
    remedy: 'add the files of labels (empty ones, where nothing is to be seen), or take the pictures out',
  });
  return { image, mask, shapes: { shapes: [] } };
}
