// YOLO segmentation (https://docs.ultralytics.com/datasets/segment/): `data.yaml` with names, `images/train` and
// `labels/train` of a text file a picture. What no object covers is background, label 0; the names follow.

import { path } from '../../platform/index.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { reasonOf } from '../../errors/index.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { exists, listedPath, readLines, readText } from '../lists.js';
import { isPhoto, stemOf } from '../pairs.js';
import type { MaskLayout } from './layout.js';

const files = ['data.yaml', 'data.yml', 'dataset.yaml'];

const place = z.union([z.string(), z.array(z.string())]);
const schema = z.object({
  path: z.string().nullish(),
  train: place.nullish(),
  val: place.nullish(),
  test: place.nullish(),
  names: z.union([z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())]),
});

export const yoloSegmentation: MaskLayout = {
  task: 'segmentation',
  name: 'YOLO segmentation',
  signs: 'data.yaml with images/train and labels/train (YOLO segmentation)',
  fits: async (folder) => (await yamlOf(folder)) !== undefined,
  list: async (folder, { findings }) => {
    const file = folder.at((await yamlOf(folder)) ?? 'data.yaml');
    const said = await readYaml(file);
    const names = Array.isArray(said.names)
      ? said.names
      : Object.keys(said.names)
          .toSorted((a, b) => Number(a) - Number(b))
          .map((k, i, all) => {
            if (k !== String(i)) throw new DataError(`${file}: names has ${all.join(', ')}; expected numbers from 0 on without a gap`);
            return (Array.isArray(said.names) ? undefined : said.names[k]) ?? k;
          });
    const split = async (places: string | string[] | null | undefined, noticed = findings): Promise<MaskSample[] | undefined> => {
      if (places === null || places === undefined) return undefined;
      const lists = await Promise.all([places].flat().map((part) => listPlace(folder, file, said.path ?? '.', part, noticed)));
      return lists.flat();
    };
    return {
      train: await split(said.train ?? 'images/train'),
      val: (await split(said.val)) ?? (await split(said.test)),
      test: async () => (said.val ? split(said.test, new FindingList()) : undefined),
      classes: ['background', ...names],
      coding: { kind: 'shapes', form: 'yolo', background: 0, labels: names.map((_, k) => k + 1) },
    };
  },
};

async function yamlOf(folder: Folder): Promise<string | undefined> {
  const there = await folder.files();
  return files.find((name) => there.includes(name));
}

async function readYaml(file: string): Promise<z.infer<typeof schema>> {
  const text = await readText(file);
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

/** A folder of pictures, or a list of them. */
async function listPlace(folder: Folder, yaml: string, root: string, said: string, findings: FindingList): Promise<MaskSample[]> {
  // `path` was right where the data lay when it was exported; Roboflow writes `../train/images`.
  const plain = said.replaceAll('\\', '/');
  const tries = [
    listedPath(listedPath(folder.path, root), plain),
    listedPath(folder.path, plain),
    folder.at(plain.replace(/^(\.\.\/)+/, '')),
  ];
  let where: string | undefined;
  for (const attempt of tries) if (where === undefined && (await exists(attempt))) where = attempt;
  if (where === undefined) throw new DataError(`${yaml}: ${said} does not exist; correct path, train and val`);
  const listed = where.endsWith('.txt') ? (await readLines(where)).map(({ text }) => listedPath(folder.path, text.trim())) : undefined;
  const relative = path.relative(folder.path, where);
  const images = listed ?? (await folder.filesBelow(relative)).filter(isPhoto).map((name) => folder.at(relative, name));
  return Promise.all(images.map((image) => withLabels(image, findings)));
}

/** `images` in the path becomes `labels`, as YOLO does it. No file is a picture without objects. */
async function withLabels(image: string, findings: FindingList): Promise<MaskSample> {
  const parts = stemOf(image).split(path.sep);
  const at = parts.lastIndexOf('images');
  const mask = `${(at < 0 ? parts : parts.with(at, 'labels')).join(path.sep)}.txt`;
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
