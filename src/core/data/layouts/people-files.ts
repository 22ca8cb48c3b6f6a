// Where tools put lists of people with joints: COCO itself, MPII's converters, CVAT, Roboflow, Label Studio, COCO Annotator.

import { z } from 'zod';
import type { Folder } from '../folder.js';
import { readJson } from '../lists.js';
import { mpiiJoints } from './mpii.js';

export interface PeopleFile {
  /** From the data folder. */
  readonly name: string;
  /** Folders in which its pictures may lie. */
  readonly places: readonly string[];
}

export interface PeopleFiles {
  readonly train: PeopleFile;
  /** Undefined where one list is of all pictures, or nothing is kept for validation. */
  readonly val: PeopleFile | undefined;
  /** Beside a list for validation. */
  readonly test: PeopleFile | undefined;
}

const splits = { train: ['train', 'training'], val: ['val', 'valid', 'validation', 'test'], test: ['test'] };

/** What lists are called, the surest first; SPLIT is `train`, or that with a year. */
const bySplit = [
  /^SPLIT$/,
  /^person_keypoints_SPLIT$/,
  /^mpii_SPLIT$/,
  /^(coco|keypoints)_SPLIT$/,
  /^SPLIT_(coco|keypoints)$/,
  /^instances_SPLIT$/,
];
const ofAll =
  /^(person_keypoints_default|person_keypoints|keypoints|instances_default|_annotations\.coco|annotations|annotation|coco|result|labels|mpii|all)$/;
const roboflow = '_annotations.coco';

/** What is expected, for messages. */
export const peopleSigns =
  'train.json, annotations/person_keypoints_train2017.json, train/_annotations.coco.json, or one list of all as annotations.json';

/** Undefined where no list of people is in the folder. */
export async function findPeople(folder: Folder): Promise<PeopleFiles | undefined> {
  const train = await firstOf(folder, splits.train);
  if (train) {
    const [val, test] = [await firstOf(folder, splits.val), await firstOf(folder, splits.test)];
    return { train, val, test: test?.name === val?.name ? undefined : test };
  }
  const whole = await listing(folder, await wholeNames(folder), []);
  return whole && { train: whole, val: undefined, test: undefined };
}

/** Joints of the first list of people for training; none where the folder has no such list. */
export async function jointsOf(folder: Folder): Promise<readonly string[]> {
  const found = await findPeople(folder);
  return found ? ((await jointsIn(folder, found.train.name)) ?? []) : [];
}

/** One that lists people; where none does, the first by its name, whose reader says what is wrong with it. */
async function firstOf(folder: Folder, names: readonly string[]): Promise<PeopleFile | undefined> {
  let wrong: PeopleFile | undefined;
  for (const split of names) {
    const files = await splitNames(folder, split);
    const found = await listing(folder, files, [split]);
    if (found) return found;
    const [name] = files;
    if (name !== undefined) wrong ??= { name, places: await placesOf(folder, name, [split]) };
  }
  return wrong;
}

/** The first of some files that lists people. Others' files are often named alike: objects without joints, settings. */
async function listing(folder: Folder, files: readonly string[], named: readonly string[]): Promise<PeopleFile | undefined> {
  for (const name of files) if (await jointsIn(folder, name)) return { name, places: await placesOf(folder, name, named) };
  return undefined;
}

async function splitNames(folder: Folder, split: string): Promise<string[]> {
  const files = [...(await jsonIn(folder, '')), ...(await jsonIn(folder, 'annotations'))];
  const named = bySplit.flatMap((pattern) => {
    const wanted = new RegExp(pattern.source.replace('SPLIT', `${split}(\\d{4})?`), 'i');
    return files.filter((file) => wanted.test(bare(file)));
  });
  const own = await Promise.all((await foldersNamed(folder, split)).map((part) => jsonIn(folder, part)));
  return [...named, ...own.flat().filter((file) => bare(file).toLowerCase() === roboflow || ofAll.test(bare(file).toLowerCase()))];
}

async function wholeNames(folder: Folder): Promise<string[]> {
  const files = [...(await jsonIn(folder, '')), ...(await jsonIn(folder, 'annotations'))];
  const named = files.filter((file) => ofAll.test(bare(file).toLowerCase()));
  // Whatever one is called, there is no doubt where it is the only one.
  return named.length === 0 && files.length === 1 ? files : named;
}

async function jsonIn(folder: Folder, part: string): Promise<string[]> {
  const names = part === '' ? await folder.files() : await folder.files(part);
  return names.filter((name) => /\.json$/i.test(name)).map((name) => (part === '' ? name : `${part}/${name}`));
}

async function foldersNamed(folder: Folder, name: string): Promise<string[]> {
  return (await folder.folders()).filter((other) => other.toLowerCase() === name);
}

function bare(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.json$/i, '');
}

/** Beside the list first, then in folders of the split's name, then in those of all pictures. */
async function placesOf(folder: Folder, name: string, named: readonly string[]): Promise<string[]> {
  const own = name.includes('/') && !name.startsWith('annotations/') ? [name.slice(0, name.indexOf('/'))] : [];
  const year = /\d{4}$/.exec(bare(name))?.[0] ?? '';
  const split = named.flatMap((s) => [`${s}${year}`, `images/${s}${year}`, s, `images/${s}`]);
  const all = [...own, 'images', ...split, 'images/default', '.'];
  const there = (await Promise.all(all.map((part) => folder.spelt(part)))).filter((part) => part !== undefined);
  return [...new Set(there)];
}

const cocoFile = z.object({ categories: z.array(z.object({ keypoints: z.array(z.string()).nullish() })) });
const mpiiFile = z.array(z.object({ joints: z.unknown(), joints_vis: z.unknown() })).min(1);

/** Undefined where the file lists no people with joints. */
async function jointsIn(folder: Folder, name: string): Promise<readonly string[] | undefined> {
  const content = await readJson(folder.at(name)).catch(() => undefined);
  if (mpiiFile.safeParse(content).success) return mpiiJoints;
  const coco = cocoFile.safeParse(content);
  const posed = coco.success ? coco.data.categories.find(({ keypoints }) => keypoints && keypoints.length > 0) : undefined;
  return posed?.keypoints ?? undefined;
}
