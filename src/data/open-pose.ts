// Opens a folder of people with joints: COCO's keypoint JSON (https://cocodataset.org/#format-data) with any skeleton, or
// MPII as mmpose writes it: a list of {image, joints, joints_vis, center, scale}.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { type Dataset, type PersonSample, SkipCount } from './dataset.js';
import { DataError } from './errors.js';
import { exists } from './lists.js';
import type { Box } from './person.js';

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
} as const;

/**
 * A folder with `train.json` and `val.json` beside `images/`, or COCO's or MPII's own layout.
 * @throws DataError naming the file and what is wrong with it
 */
export async function openPoseDataset(folder: string, options: PoseDataOptions): Promise<Dataset> {
  const skipped = new SkipCount();
  const split = async (name: 'train' | 'val'): Promise<PersonSample[]> => {
    const { files, images } = layouts[name];
    const file = await firstOf(files.map((f) => path.join(folder, f)));
    if (file === undefined)
      throw new DataError(
        `${folder}: holds no annotations of ${name}; expected one of ${files.join(', ')} (COCO keypoints, or MPII as JSON)`,
      );
    return readPeople(
      file,
      images.map((f) => path.join(folder, f)),
      options,
      skipped,
    );
  };
  const [train, val] = [await split('train'), await split('val')];
  const labelling = { kind: 'joints', joints: options.joints } as const;
  return { layout: 'people in JSON', labelling, train, val, skipped: skipped.list(), findings: [] };
}

/** @param folders where images may lie: the first that has a list's first image is taken */
export async function readPeople(
  file: string,
  folders: readonly string[],
  { joints }: PoseDataOptions,
  skipped: SkipCount,
): Promise<PersonSample[]> {
  const content = await readJson(file);
  const { known, people } = Array.isArray(content) ? readMpii(content, file) : readCoco(content, file, skipped);
  const columns = joints.map((name) => {
    const k = known.indexOf(name);
    if (k < 0) throw new DataError(`${file}: has no joint "${name}" but ${known.join(', ')}; correct data.joints in the preset`);
    return k;
  });
  const numbers = new Map<string, number>();
  const samples: PersonSample[] = [];
  const folder = await imageFolder(file, folders, people[0]?.image);
  for (const { image, size, points, box, area, headSize } of people) {
    const chosen = Float32Array.from(columns.flatMap((k) => points[k] ?? [0, 0, 0]));
    if (!chosen.some((v, i) => i % 3 === 2 && v > 0)) skipped.add('no visible joint');
    else if (!(box.width > 0 && box.height > 0)) skipped.add('a box without area');
    else if (size && isOutside(box, size)) skipped.add('a box outside the image');
    else {
      const number = numbers.get(image) ?? numbers.size;
      numbers.set(image, number);
      const original = { scale: 1, left: 0, top: 0 };
      samples.push({ image: path.join(folder, image), person: { box, joints: chosen, area, headSize, image: number, original } });
    }
  }
  if (samples.length === 0) throw new DataError(`${file}: no person in it can be used (${describeSkipped(skipped)})`);
  for (const image of new Set(samples.map((sample) => sample.image)))
    if (!(await exists(image))) throw new DataError(`${file}: ${image} does not exist; add the image or correct the list`);
  return samples;
}

export function describeSkipped(skipped: SkipCount | Dataset['skipped']): string {
  const list = skipped instanceof SkipCount ? skipped.list() : skipped;
  return list.map(({ reason, count }) => `${count} × ${reason}`).join(', ') || 'none listed';
}

interface ListedPerson {
  readonly image: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** [x, y, visible] of every joint that the data knows. */
  readonly points: readonly (readonly [number, number, number])[];
  readonly box: Box;
  readonly area: number;
  readonly headSize: number;
}

const cocoSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), width: z.number(), height: z.number() })),
  annotations: z.array(
    z.object({
      id: z.number(),
      image_id: z.number(),
      category_id: z.number(),
      keypoints: z.array(z.number()).optional(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      area: z.number().optional(),
      iscrowd: z.number().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), keypoints: z.array(z.string()).optional() })),
});

function readCoco(content: unknown, file: string, skipped: SkipCount): { known: readonly string[]; people: ListedPerson[] } {
  const parsed = cocoSchema.safeParse(content);
  if (!parsed.success) throw wrongFormat(file, parsed.error);
  const { images, annotations, categories } = parsed.data;
  const category = categories.find(({ keypoints = [] }) => keypoints.length > 0);
  if (!category?.keypoints) throw new DataError(`${file}: none of its categories lists keypoints; this is not a file of COCO keypoints`);
  const known = category.keypoints;
  const byId = new Map(images.map((image) => [image.id, image]));
  const people = annotations.flatMap(({ id, image_id, category_id, keypoints = [], bbox: [left, top, width, height], area, iscrowd }) => {
    if (category_id !== category.id) return [];
    if (iscrowd) {
      skipped.add('a crowd');
      return [];
    }
    const image = byId.get(image_id);
    if (!image) throw new DataError(`${file}: annotation ${id} names image ${image_id}, which is not in its list; correct image_id`);
    if (keypoints.length !== 3 * known.length)
      throw new DataError(`${file}: annotation ${id} has ${keypoints.length} numbers for ${known.length} joints; expected x, y, v of each`);
    const points = known.map((_, k): [number, number, number] => {
      const [x = 0, y = 0, v = 0] = keypoints.slice(3 * k, 3 * k + 3);
      return [x, y, v > 0 ? 1 : 0];
    });
    const box = { left, top, width, height };
    return [{ image: image.file_name, size: image, points, box, area: area ?? width * height, headSize: 0 }];
  });
  return { known, people };
}

/** MPII's joints, by its numbers (http://human-pose.mpi-inf.mpg.de). */
export const mpiiJoints = [
  'right_ankle',
  'right_knee',
  'right_hip',
  'left_hip',
  'left_knee',
  'left_ankle',
  'pelvis',
  'thorax',
  'upper_neck',
  'head_top',
  'right_wrist',
  'right_elbow',
  'right_shoulder',
  'left_shoulder',
  'left_elbow',
  'left_wrist',
] as const;

const pair = z.tuple([z.number(), z.number()]);
const mpiiSchema = z.array(
  z.object({
    image: z.string(),
    joints: z.array(pair).length(mpiiJoints.length),
    joints_vis: z.array(z.number()).length(mpiiJoints.length),
    center: pair,
    scale: z.number(),
    /** [x1, y1, x2, y2] of the head, where the list was made from the official one. */
    headbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  }),
);

/** MPII's scale is the person's height in units of 200 pixels; its box is moved down by 15 pixels a unit, as mmpose does. */
function readMpii(content: unknown, file: string): { known: readonly string[]; people: ListedPerson[] } {
  const parsed = mpiiSchema.safeParse(content);
  if (!parsed.success) throw wrongFormat(file, parsed.error);
  const people = parsed.data.map(({ image, joints, joints_vis, center: [cx, cy], scale, headbox }) => {
    const side = 200 * scale;
    // Matlab counts pixels from 1.
    const box = { left: cx - 1 - side / 2, top: cy - 1 + 15 * scale - side / 2, width: side, height: side };
    const points = joints.map(([x, y], k): [number, number, number] => [x - 1, y - 1, joints_vis[k] ? 1 : 0]);
    const [x1, y1, x2, y2] = headbox ?? [0, 0, 0, 0];
    return { image, size: undefined, points, box, area: side * side, headSize: 0.6 * Math.hypot(x2 - x1, y2 - y1) };
  });
  return { known: mpiiJoints, people };
}

function wrongFormat(file: string, error: z.ZodError): DataError {
  const [first] = error.issues;
  return new DataError(
    `${file}: neither COCO keypoints nor MPII's list: ${first?.path.join('.') || 'the file'}: ${first?.message ?? 'unreadable'}`,
  );
}

function isOutside({ left, top, width, height }: Box, size: { readonly width: number; readonly height: number }): boolean {
  return left >= size.width || top >= size.height || left + width <= 0 || top + height <= 0;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new DataError(`${file}: cannot be read as JSON (${reasonOf(error)})`);
  }
}

async function imageFolder(file: string, folders: readonly string[], first: string | undefined): Promise<string> {
  if (first === undefined) throw new DataError(`${file}: lists no person`);
  const found = await firstOf(folders.map((folder) => path.join(folder, first)));
  if (found === undefined) throw new DataError(`${file}: ${first} is in none of ${folders.join(', ')}; put the images there`);
  return folders.find((folder) => path.join(folder, first) === found) ?? '.';
}

async function firstOf(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await exists(file)) return file;
  return undefined;
}
