// What YOLO's files say beside the labels: `data.yaml`, or a plain list of names (`classes.txt` of Label Studio and labelImg,
// `obj.names` of Darknet).

import { parse } from 'yaml';
import { z } from 'zod';
import { reasonOf } from '../../errors/index.js';
import { DataError } from '../errors.js';
import type { Folder } from '../folder.js';
import { readLines, readText } from '../lists.js';
import { isPhoto, stemOf } from '../pairs.js';
import { firstThere } from './listed.js';
import { type YoloJoints, yoloJoints } from './yolo-joints.js';

export interface YoloSettings {
  /** That says it, for messages. */
  readonly file: string;
  readonly names: readonly string[];
  /** The folder that places are relative to, where the file says it. */
  readonly root?: string | undefined;
  readonly train?: readonly string[] | undefined;
  readonly val?: readonly string[] | undefined;
  readonly test?: readonly string[] | undefined;
  /** Where the labels are people with joints. */
  readonly joints?: YoloJoints | undefined;
}

const yamlNames = ['data.yaml', 'data.yml', 'dataset.yaml', 'dataset.yml'];
const plainNames = ['classes.txt', 'obj.names', 'labels/classes.txt'];

const place = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((said) => (said === null || said === undefined ? undefined : [said].flat()));

const schema = z.object({
  path: z.string().nullish(),
  train: place,
  val: place,
  test: place,
  names: z.union([z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())]),
  kpt_shape: z.tuple([z.number().int().positive(), z.union([z.literal(2), z.literal(3)])]).nullish(),
  flip_idx: z.array(z.number().int().nonnegative()).nullish(),
  kpt_names: z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]).nullish(),
});

/** Undefined where the folder is none of YOLO's. */
export async function yoloFile(folder: Folder): Promise<string | undefined> {
  const yaml = await firstThere(folder, yamlNames);
  if (yaml !== undefined) return yaml;
  const plain = await firstThere(folder, plainNames);
  return plain !== undefined && (await hasLabels(folder)) ? plain : undefined;
}

/** Names alone say little: there must be texts of labels, in folders of that name or beside their pictures. */
async function hasLabels(folder: Folder): Promise<boolean> {
  const isLabels = (name: string): boolean => /\.txt$/i.test(name) && !/^classes\.txt$/i.test(name);
  for (const part of ['labels', 'train/labels', 'labels/train']) if ((await folder.files(...part.split('/'))).some(isLabels)) return true;
  const files = await folder.files();
  const texts = new Set(files.filter(isLabels).map(stemOf));
  return files.some((name) => isPhoto(name) && texts.has(stemOf(name)));
}

/** @throws DataError naming the file and what is wrong with it */
export async function readYoloSettings(folder: Folder, name: string): Promise<YoloSettings> {
  const file = folder.at(name);
  if (!/\.ya?ml$/.test(name)) return { file, names: (await readLines(file)).map(({ text }) => text.trim()) };
  const { path: root, train, val, test, names, kpt_shape, flip_idx, kpt_names } = parseYaml(await readText(file), file);
  const named = Array.isArray(names) ? names : inOrder(names, file);
  const [first] = kpt_names ? Object.values(kpt_names) : [];
  const said = Array.isArray(kpt_names) ? kpt_names : first;
  const joints = kpt_shape
    ? yoloJoints({ kpt_shape, flip_idx: flip_idx ?? undefined, kpt_names: Array.isArray(said) ? said : undefined })
    : undefined;
  return { file, names: named, root: root ?? undefined, train, val, test, joints };
}

function parseYaml(text: string, file: string): z.infer<typeof schema> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new DataError(`${file}: is no YAML (${reasonOf(error)})`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}; expected train, val and names`);
}

/** Names by number, as a map has them. */
function inOrder(names: Readonly<Record<string, string>>, file: string): string[] {
  const sorted = Object.entries(names).toSorted(([a], [b]) => Number(a) - Number(b));
  sorted.forEach(([k], i) => {
    if (k !== String(i))
      throw new DataError(`${file}: names has ${sorted.map(([key]) => key).join(', ')}; expected numbers from 0 on without a gap`);
  });
  return sorted.map(([, name]) => name);
}
