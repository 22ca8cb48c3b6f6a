// Opens a folder of people with joints: COCO's keypoint JSON with any skeleton, or MPII's list (`layouts/`).

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { type Dataset, type PersonSample, SkipCount } from './dataset.js';
import { DataError } from './errors.js';
import { FindingList } from './finding.js';
import { cocoKeypointsSchema, readCocoKeypoints } from './layouts/coco-keypoints.js';
import { mpiiSchema, readMpii } from './layouts/mpii.js';
import { exists } from './lists.js';
import type { ListedPerson, ReadingNotes, Size } from './listed-person.js';
import { checkPeople } from './people-checks.js';
import { placePeople } from './people-pictures.js';
import type { Box } from './person.js';
import { usableTest } from './test-split.js';

export { mpiiJoints } from './layouts/mpii.js';

export interface PoseDataOptions {
  /** The joints to learn, of those that the data has, in the order of the network's outputs. */
  readonly joints: readonly string[];
}

/** Where annotations of a split are looked for, and where their images. */
const layouts = {
  train: {
    files: [
      'train.json',
      'annotations/train.json',
      'annotations/person_keypoints_train2017.json',
      'annotations/mpii_train.json',
      'mpii_train.json',
    ],
    images: ['images', 'train2017', 'images/train2017', 'train', '.'],
  },
  val: {
    files: ['val.json', 'annotations/val.json', 'annotations/person_keypoints_val2017.json', 'annotations/mpii_val.json', 'mpii_val.json'],
    images: ['images', 'val2017', 'images/val2017', 'val', '.'],
  },
  test: {
    files: ['test.json', 'annotations/test.json', 'annotations/mpii_test.json', 'mpii_test.json'],
    images: ['images', 'test2017', 'images/test2017', 'test', '.'],
  },
} as const;

/**
 * A folder with `train.json` and `val.json` beside `images/`, or COCO's or MPII's own layout.
 * @throws DataError naming the file and what is wrong with it
 */
export async function openPoseDataset(folder: string, options: PoseDataOptions): Promise<Dataset> {
  const [skipped, findings] = [new SkipCount(), new FindingList()];
  const fileOf = (name: keyof typeof layouts): Promise<string | undefined> => firstOf(layouts[name].files.map((f) => path.join(folder, f)));
  const placesOf = (name: keyof typeof layouts): string[] => layouts[name].images.map((f) => path.join(folder, f));
  const split = async (name: 'train' | 'val'): Promise<PersonSample[]> => {
    const file = await fileOf(name);
    if (file === undefined)
      throw new DataError(
        `${folder}: holds no annotations of ${name}; expected one of ${layouts[name].files.join(', ')} (COCO keypoints, or MPII as JSON)`,
      );
    return readPeople(file, placesOf(name), options, skipped, findings);
  };
  const [train, val] = [await split('train'), await split('val')];
  noteShared(train, val, findings);
  const testFile = await fileOf('test');
  const test = await usableTest(
    testFile === undefined ? undefined : () => readPeople(testFile, placesOf('test'), options, new SkipCount()),
    findings,
  );
  const labelling = { kind: 'joints', joints: options.joints } as const;
  const noticed = { skipped: skipped.list(), findings: findings.list() };
  return { layout: 'people in JSON', labelling, train, val, ...(test && { test }), ...noticed };
}

/** @param folders where images may lie @throws DataError naming the file and what is wrong with it */
export async function readPeople(
  file: string,
  folders: readonly string[],
  { joints }: PoseDataOptions,
  skipped: SkipCount,
  findings = new FindingList(),
): Promise<PersonSample[]> {
  const notes = { skipped, findings };
  const listed = read(await readJson(file), file, joints, notes);
  if (listed.length === 0) throw new DataError(`${file}: lists no person that can be used (${describeSkipped(skipped)})`);
  const people = checkPeople(await placePeople(listed, file, folders, findings), file, notes);
  const numbers = new Map<string, number>();
  const samples: PersonSample[] = [];
  for (const { listed: person, file: image, shown } of people) {
    const { box, area, headSize } = person;
    if (!person.joints.some((v, i) => i % 3 === 2 && v > 0)) skipped.add('no visible joint');
    else if (!(box.width > 0 && box.height > 0)) skipped.add('a box without area');
    else if (isOutside(box, shown)) skipped.add('a box outside the image');
    else {
      const number = numbers.get(image) ?? numbers.size;
      numbers.set(image, number);
      const [boxSize, original] = [Math.max(box.width, box.height), { scale: 1, left: 0, top: 0 }];
      samples.push({ image, person: { box, joints: person.joints, area, headSize, boxSize, image: number, original } });
    }
  }
  if (samples.length === 0) throw new DataError(`${file}: no person in it can be used (${describeSkipped(skipped)})`);
  return samples;
}

export function describeSkipped(skipped: SkipCount | Dataset['skipped']): string {
  const list = skipped instanceof SkipCount ? skipped.list() : skipped;
  return list.map(({ reason, count }) => `${count} × ${reason}`).join(', ') || 'none listed';
}

/** An array is MPII's, an object COCO's. */
function read(content: unknown, file: string, joints: readonly string[], notes: ReadingNotes): ListedPerson[] {
  if (Array.isArray(content)) {
    const parsed = mpiiSchema.safeParse(content);
    if (!parsed.success) throw wrongFormat(file, parsed.error);
    return readMpii(parsed.data, file, joints);
  }
  const parsed = cocoKeypointsSchema.safeParse(content);
  if (!parsed.success) throw wrongFormat(file, parsed.error);
  return readCocoKeypoints(parsed.data, file, joints, notes);
}

function wrongFormat(file: string, error: z.ZodError): DataError {
  const [first] = error.issues;
  return new DataError(
    `${file}: neither COCO keypoints nor MPII's list: ${first?.path.join('.') || 'the file'}: ${first?.message ?? 'unreadable'}`,
  );
}

function isOutside({ left, top, width, height }: Box, size: Size): boolean {
  return left >= size.width || top >= size.height || left + width <= 0 || top + height <= 0;
}

/** The same file in both lists: what validation shows was trained on. */
function noteShared(train: readonly PersonSample[], val: readonly PersonSample[], findings: FindingList): void {
  const trained = new Set(train.map(({ image }) => path.resolve(image)));
  for (const image of new Set(val.map((sample) => sample.image)))
    if (trained.has(path.resolve(image)))
      findings.add({
        grade: 'warning',
        code: 'same-picture-in-both-lists',
        cause: 'pictures stand in both lists, training and validation: figures will be better than they are on new pictures',
        files: [image],
        remedy: 'take them out of one list',
      });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(textOf(await readFile(file)));
  } catch (error) {
    throw new DataError(`${file}: cannot be read as JSON (${reasonOf(error)})`);
  }
}

/** UTF-8, or UTF-16 as Windows writes it; without the mark at the beginning. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function firstOf(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await exists(file)) return file;
  return undefined;
}

/** For people; empty where nothing was left out. */
export function skippedNote({ skipped }: Dataset): string {
  return skipped.length === 0 ? '' : `left out of the data: ${describeSkipped(skipped)}`;
}
