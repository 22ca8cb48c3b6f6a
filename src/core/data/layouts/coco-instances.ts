// COCO instances (https://cocodataset.org/#format-data): JSON of polygons and run lengths. What no object covers is
// background, label 0; the categories follow in the order of their ids.

import { z } from 'zod';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import { Folder } from '../folder.js';
import { readJson, requireFiles } from '../lists.js';
import { movedFiles } from '../moved-paths.js';
import type { Shape } from '../shapes.js';
import type { MaskLayout } from './layout.js';
import { OutlineChecks } from './outline-checks.js';

const splitNames = { train: ['train'], val: ['val', 'valid', 'validation', 'test'], test: ['test'] };

/** Of what, and where tools put it: COCO itself, Roboflow, Label Studio and CVAT. */
function candidates(files: readonly string[], split: string): string[] {
  const names = [`instances_${split}`, `${split}`, `${split}_instances`, `_annotations.coco`, `coco_${split}`];
  const exact = files.filter((file) => {
    const parts = file
      .toLowerCase()
      .replace(/\.json$/, '')
      .split(/[\\/]/);
    const base = parts.at(-1) ?? '';
    return base === '_annotations.coco' ? parts.at(-2) === split : names.includes(base.replace(/\d{4}$/, ''));
  });
  return exact.toSorted((a, b) => Number(b.includes('instances')) - Number(a.includes('instances')));
}

const wholeNames = ['instances_default', 'instances', 'annotations', 'result', '_annotations.coco', 'coco', 'labels'];

/** Outlines; a single one also without the list around it. */
const segmentation = z.union([
  z.array(z.array(z.number())),
  z.array(z.number()).transform((outline) => (outline.length === 0 ? [] : [outline])),
  z.object({ size: z.tuple([z.number(), z.number()]), counts: z.union([z.array(z.number()), z.string()]) }),
]);
const id = z.union([z.number(), z.string()]);

const fileSchema = z.object({
  images: z.array(z.object({ id, file_name: z.string(), width: z.number().nullish(), height: z.number().nullish() })),
  annotations: z.array(
    z.object({
      id: id.optional(),
      image_id: id,
      category_id: id,
      segmentation: segmentation.nullish(),
      /** Beside outlines only compared with them. */
      bbox: z.array(z.number()).nullish(),
      iscrowd: z.union([z.number(), z.boolean()]).nullish(),
      /** CVAT's and Datumaro's. */
      attributes: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  categories: z.array(z.object({ id, name: z.string(), supercategory: z.string().nullish() })),
});

type CocoFile = z.infer<typeof fileSchema>;

export const cocoInstances: MaskLayout = {
  task: 'segmentation',
  name: 'COCO instances',
  signs: 'annotations/instances_train….json or train/_annotations.coco.json (COCO instances)',
  fits: async (folder) => {
    for (const file of await jsonFiles(folder))
      if (isNamed(file) && looksLikeInstances(await readJson(folder.at(file)).catch(() => undefined))) return true;
    return false;
  },
  list: async (folder, { findings }) => {
    const files = await jsonFiles(folder);
    const first = async (names: readonly string[]): Promise<string | undefined> => {
      for (const name of names)
        for (const file of candidates(files, name)) if (looksLikeInstances(await readJson(folder.at(file)))) return file;
      return undefined;
    };
    const train = (await first(splitNames.train)) ?? (await firstWhole(folder, files));
    if (train === undefined)
      throw new DataError(
        `${folder.path}: holds ${files.join(', ')}, none of which is a list of COCO instances for training; name it annotations/instances_train.json`,
      );
    const val = await first(splitNames.val);
    const [trainFile, valFile] = [
      await readCoco(folder, train),
      val === undefined || val === train ? undefined : await readCoco(folder, val),
    ];
    const used = new Set([trainFile, valFile].flatMap((file) => file?.annotations.map(({ category_id }) => String(category_id)) ?? []));
    const categories = categoriesOf(trainFile, used);
    if (valFile && val !== undefined && JSON.stringify(categoriesOf(valFile, used)) !== JSON.stringify(categories))
      throw new DataError(`${folder.at(val)}: lists other categories than ${folder.at(train)}; export both together`);
    // Tools that write label 0 themselves call it so.
    const hasBackground = categories.some(({ name }) => name.toLowerCase() === 'background');
    const classes = [...(hasBackground ? [] : ['background']), ...categories.map(({ name }) => name)];
    const offset = hasBackground ? 0 : 1;
    const kinds = new Map(categories.map((category, k) => [String(category.id), k]));
    const background = Math.max(
      0,
      classes.findIndex((name) => name.toLowerCase() === 'background'),
    );
    const isBrushed = areBrushed([trainFile, valFile].flatMap((file) => file?.annotations ?? []));
    const samples = async (file: string, content: CocoFile, split: readonly string[], noticed = findings): Promise<MaskSample[]> =>
      listSamples(folder, file, content, { kinds, isBrushed }, split, noticed);
    const test = async (): Promise<MaskSample[] | undefined> => {
      const file = valFile && (await first(splitNames.test));
      return file === undefined || file === val || file === train
        ? undefined
        : samples(file, await readCoco(folder, file), splitNames.test, new FindingList());
    };
    return {
      train: await samples(train, trainFile, splitNames.train),
      val: val === undefined || !valFile ? undefined : await samples(val, valFile, splitNames.val),
      test,
      classes,
      coding: { kind: 'shapes', form: 'coco', background, labels: categories.map((_, k) => k + offset) },
    };
  },
};

async function jsonFiles(folder: Folder): Promise<string[]> {
  const own = await Promise.all(['annotations', ...splitNames.train, ...splitNames.val].map((part) => folder.spelt(part)));
  const parts = ['', ...own.filter((part) => part !== undefined)];
  const found = await Promise.all(
    parts.map(async (part) => (await folder.files(part)).map((name) => (part === '' ? name : `${part}/${name}`))),
  );
  return found.flat().filter((name) => /\.json$/i.test(name));
}

function isNamed(file: string): boolean {
  const all = [...splitNames.train, ...splitNames.val];
  return all.some((split) => candidates([file], split).length > 0) || isWhole(file);
}

function isWhole(file: string): boolean {
  const parts = file
    .toLowerCase()
    .replace(/\.json$/, '')
    .split('/');
  return parts.length <= (parts[0] === 'annotations' ? 2 : 1) && wholeNames.includes(parts.at(-1) ?? '');
}

async function firstWhole(folder: Folder, files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (isWhole(file) && looksLikeInstances(await readJson(folder.at(file)))) return file;
  return undefined;
}

const sniff = z.object({
  images: z.array(z.unknown()),
  categories: z.array(z.object({ keypoints: z.unknown().optional() })),
  annotations: z.array(z.object({ segmentation: z.unknown().optional() })),
});

/** People with joints are another task's. */
function looksLikeInstances(content: unknown): boolean {
  const parsed = sniff.safeParse(content);
  if (!parsed.success) return false;
  const { annotations, categories } = parsed.data;
  return annotations.some(({ segmentation }) => segmentation !== undefined) && !categories.some(({ keypoints }) => keypoints !== undefined);
}

async function readCoco(folder: Folder, name: string): Promise<CocoFile> {
  const file = folder.at(name);
  const parsed = fileSchema.safeParse(await readJson(file));
  if (parsed.success) {
    const ids = parsed.data.categories.map((category) => String(category.id));
    const twice = ids.find((own, k) => ids.indexOf(own) !== k);
    if (twice === undefined) return parsed.data;
    const names = parsed.data.categories.filter((category) => String(category.id) === twice).map((category) => `"${category.name}"`);
    throw new DataError(`${file}: the categories ${names.join(' and ')} have one id, ${twice}; join files with a tool that numbers anew`);
  }
  const [issue] = parsed.error.issues;
  throw new DataError(`${file}: is no list of COCO instances: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

/** Sorted by id; Roboflow's first category, which is only the others' heading, is left out. @param used by any list's objects */
function categoriesOf({ categories }: CocoFile, used: ReadonlySet<string>): { id: number | string; name: string }[] {
  const isHeading = ({ id: own, name }: CocoFile['categories'][number]): boolean =>
    !used.has(String(own)) && categories.some((other) => other.id !== own && other.supercategory === name);
  return categories
    .filter((category) => !isHeading(category))
    .map(({ id: own, name }) => ({ id: own, name }))
    .toSorted((a, b) => (Number(a.id) || 0) - (Number(b.id) || 0));
}

interface Meaning {
  /** Of categories, by id. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Crowds are objects. */
  readonly isBrushed: boolean;
}

async function listSamples(
  folder: Folder,
  name: string,
  { images, annotations }: CocoFile,
  { kinds, isBrushed }: Meaning,
  split: readonly string[],
  findings: FindingList,
): Promise<MaskSample[]> {
  const file = folder.at(name);
  const ids = new Map<string, number>();
  const outlines = new OutlineChecks(file, findings);
  images.forEach(({ id: own }, i) => {
    if (ids.has(String(own))) throw new DataError(`${file}: two pictures have the id ${own}; join files with a tool that numbers anew`);
    ids.set(String(own), i);
  });
  const shapes = images.map((): Shape[] => []);
  const crowds = annotations.filter(({ iscrowd }) => iscrowd).length;
  if (isBrushed && crowds > 0)
    findings.add({
      grade: 'note',
      code: 'crowds-are-objects',
      cause: 'objects that were drawn with a brush are marked as crowds (iscrowd), as CVAT does it; they are read as objects',
      count: crowds,
      files: [file],
      remedy: 'nothing, where they are objects; crowds are to be ignored: take their class out',
    });
  for (const { id: own, image_id, category_id, segmentation: drawn, iscrowd, bbox } of annotations) {
    const at = ids.get(String(image_id));
    if (at === undefined)
      throw new DataError(`${file}: annotation ${own} names picture ${image_id}, which is not in its list; correct image_id`);
    const kind = kinds.get(String(category_id));
    if (kind === undefined)
      throw new DataError(`${file}: annotation ${own} has category ${category_id}, which is not in its list; correct category_id`);
    if (drawn === undefined || drawn === null || (Array.isArray(drawn) && drawn.length === 0)) {
      findings.add({
        grade: 'warning',
        code: 'object-without-shape',
        cause: 'objects have a box but no outline, and count as background',
        files: [file],
        remedy: 'draw their outlines, or take the pictures out',
      });
      continue;
    }
    const crowd = Boolean(iscrowd) && !isBrushed;
    if (Array.isArray(drawn)) outlines.add(drawn, { box: bbox ?? [], size: images[at] ?? {} });
    shapes[at]?.push({
      kind,
      ...(crowd && { crowd }),
      ...(Array.isArray(drawn) ? { outlines: drawn } : { runs: { height: drawn.size[0], width: drawn.size[1], counts: drawn.counts } }),
    });
  }
  outlines.conclude();
  const places = await imageFolders(folder, name, split);
  const found = await locate(
    folder,
    places,
    images.map(({ file_name }) => file_name),
    findings,
  );
  await requireFiles(
    images.flatMap(({ file_name }) => (found.has(file_name) ? [] : [{ file: folder.at(places[0] ?? '.', file_name), where: file }])),
    'add the picture or correct file_name',
  );
  return images.map(({ file_name, width, height }, i) => ({
    image: found.get(file_name) ?? '',
    mask: file,
    shapes: { ...(width && height && { width, height }), shapes: shapes[i] ?? [] },
  }));
}

/** CVAT marks whatever is a run length so; of COCO's own objects one in a hundred is a crowd, and has no attributes. */
function areBrushed(annotations: CocoFile['annotations']): boolean {
  const crowds = annotations.filter(({ iscrowd }) => iscrowd);
  return crowds.some(({ attributes }) => attributes && 'occluded' in attributes) || 2 * crowds.length > annotations.length;
}

/** Where the pictures of a list may lie. */
async function imageFolders(folder: Folder, name: string, split: readonly string[]): Promise<string[]> {
  const suffix = /(\d{4})\.json$/.exec(name)?.[1] ?? '';
  const own = name.includes('/') && !name.startsWith('annotations/') ? [name.slice(0, name.lastIndexOf('/'))] : [];
  const bySplit = split.flatMap((s) => [`${s}${suffix}`, `images/${s}${suffix}`, `${s}/images`, `${s}`, `images/${s}`]);
  const all = [...own, ...bySplit, 'images', 'images/default', '.'];
  return (await Promise.all([...new Set(all)].map((part) => folder.spelt(part)))).filter((part) => part !== undefined);
}

/** Where pictures are, by the names that the list gives them. */
async function locate(
  folder: Folder,
  places: readonly string[],
  names: readonly string[],
  findings: FindingList,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const lost: string[] = [];
  for (const said of new Set(names)) {
    const name = said.replaceAll('\\', '/');
    let at: string | undefined;
    for (const place of places) if (at === undefined && (await folder.has(place, name))) at = folder.at(place, name);
    if (at === undefined) lost.push(said);
    else found.set(said, at);
  }
  // Some tools write the path that the picture had where it was labelled.
  const moved = await movedFiles(lost, { places: places.map((place) => new Folder(folder.at(place))), byName: 'always' }, findings);
  for (const [said, at] of moved) found.set(said, at);
  return found;
}
