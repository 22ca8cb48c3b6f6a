// COCO panoptic (https://cocodataset.org/#format-data): a PNG a picture, whose colours number its segments, and JSON that says of
// which category each is. The categories' order is that of their ids; number 0 is not labelled.

import { z } from 'zod';
import type { MaskSample, Segment } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import { Folder } from '../folder.js';
import { missingOf, readJson, requireFiles } from '../lists.js';
import { notLabelled } from '../mask-coding.js';
import { movedFiles } from '../moved-paths.js';
import type { MaskLayout } from './layout.js';

const splitNames = { train: ['train', 'training'], val: ['val', 'valid', 'validation', 'test'], test: ['test'] };

const id = z.union([z.number(), z.string()]);
const fileSchema = z.object({
  images: z.array(z.object({ id, file_name: z.string() })),
  annotations: z.array(
    z.object({ image_id: id, file_name: z.string(), segments_info: z.array(z.object({ id: z.number().int(), category_id: id })) }),
  ),
  categories: z.array(z.object({ id, name: z.string() })),
});

type PanopticFile = z.infer<typeof fileSchema>;

export const cocoPanoptic: MaskLayout = {
  task: 'segmentation',
  name: 'COCO panoptic',
  signs: 'annotations/panoptic_train….json (COCO panoptic)',
  fits: async (folder) => (await jsonOf(folder, splitNames.train)) !== undefined,
  list: async (folder, { findings }) => {
    const [train, val, test] = [
      await jsonOf(folder, splitNames.train),
      await jsonOf(folder, splitNames.val),
      await jsonOf(folder, splitNames.test),
    ];
    if (train === undefined) throw new DataError(`${folder.path}: holds no annotations/panoptic_train….json`);
    const content = await readPanoptic(folder, train);
    const categories = categoriesOf(content);
    const kinds = new Map(categories.map((category, kind) => [category.id, kind]));
    const samples = async (name: string, noticed: FindingList): Promise<MaskSample[]> => {
      const own = name === train ? content : await readPanoptic(folder, name);
      if (JSON.stringify(categoriesOf(own)) !== JSON.stringify(categories))
        throw new DataError(`${folder.at(name)}: lists other categories than ${folder.at(train)}; export both together`);
      return listSamples(folder, name, own, kinds, noticed);
    };
    return {
      train: await samples(train, findings),
      val: val === undefined ? undefined : await samples(val, findings),
      test: async () => (test === undefined || test === val ? undefined : samples(test, new FindingList())),
      classes: categories.map(({ name }) => name),
      coding: { kind: 'segments', none: notLabelled, labels: categories.map((_, kind) => kind) },
    };
  },
};

/** From the data folder; undefined where there is none of such a split. */
async function jsonOf(folder: Folder, splits: readonly string[]): Promise<string | undefined> {
  for (const part of ['annotations', '']) {
    const files = part === '' ? await folder.files() : await folder.files(part);
    for (const split of splits) {
      const found = files.find((name) => new RegExp(`^panoptic_${split}(\\d{4})?\\.json$`, 'i').test(name));
      if (found !== undefined) return part === '' ? found : `${part}/${found}`;
    }
  }
  return undefined;
}

async function readPanoptic(folder: Folder, name: string): Promise<PanopticFile> {
  const file = folder.at(name);
  const parsed = fileSchema.safeParse(await readJson(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(`${file}: is no list of COCO panoptic: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

function categoriesOf({ categories }: PanopticFile): PanopticFile['categories'] {
  return categories.toSorted((a, b) => (Number(a.id) || 0) - (Number(b.id) || 0));
}

async function listSamples(
  folder: Folder,
  name: string,
  { images, annotations }: PanopticFile,
  kinds: ReadonlyMap<number | string, number>,
  findings: FindingList,
): Promise<MaskSample[]> {
  const file = folder.at(name);
  const names = new Map(images.map((image) => [image.id, image.file_name]));
  const listed = annotations.map(({ image_id, file_name, segments_info }) => {
    const image = names.get(image_id);
    if (image === undefined)
      throw new DataError(`${file}: the mask ${file_name} is of picture ${image_id}, which is not in its list; correct image_id`);
    const segments = segments_info.map(({ id: number, category_id }): Segment => {
      const kind = kinds.get(category_id);
      if (kind === undefined)
        throw new DataError(`${file}: segment ${number} of ${file_name} has category ${category_id}, which is not in its list; correct it`);
      return [number, kind];
    });
    return { image, mask: file_name, segments };
  });
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/\.json$/i, '');
  const split = stem.replace(/^panoptic_/i, '');
  const photos = await filesIn(
    folder,
    file,
    [split, `images/${split}`, 'images', '.'],
    listed.map(({ image }) => image),
    findings,
  );
  const masks = await filesIn(
    folder,
    file,
    [`annotations/${stem}`, stem, `annotations/${split}`],
    listed.map(({ mask }) => mask),
    findings,
  );
  return listed.map(({ image, mask, segments }) => ({ image: photos(image), mask: masks(mask), segments }));
}

/** Where files of these names lie. @throws DataError that counts those that are in none of the folders */
async function filesIn(
  folder: Folder,
  list: string,
  usual: readonly string[],
  names: readonly string[],
  findings: FindingList,
): Promise<(name: string) => string> {
  const parts = (await Promise.all(usual.map((part) => folder.spelt(part)))).filter((part) => part !== undefined);
  const places = parts.length > 0 ? parts.map((part) => new Folder(folder.at(part))) : [folder];
  const found = new Map<string, string>();
  for (const place of places) {
    const left = names.filter((name) => !found.has(name));
    const missing = await missingOf(left.map((name) => place.at(name)));
    for (const name of left) if (!missing.has(place.at(name))) found.set(name, place.at(name));
  }
  const lost = names.filter((name) => !found.has(name));
  for (const [name, at] of await movedFiles(lost, { places, byName: 'always' }, findings)) found.set(name, at);
  await requireFiles(
    names.flatMap((name) => (found.has(name) ? [] : [{ file: places[0]?.at(name) ?? name, where: list }])),
    'add the file or correct file_name',
  );
  return (name) => found.get(name) ?? name;
}
