// Labelme (https://github.com/wkentaro/labelme): a JSON beside each picture. What no shape covers is background, label 0;
// the names that the shapes have follow, in the order of `labels.txt` where it is there, else of the alphabet.

import { path } from '../../platform/index.js';
import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import type { Folder } from '../folder.js';
import { hasArea, type LabelmeFile, parseLabelme } from '../labelme-file.js';
import { readLines } from '../lists.js';
import { notLabelled } from '../mask-coding.js';
import { isPhoto, stemOf } from '../pairs.js';
import type { MaskLayout } from './layout.js';

const splitNames = { train: ['train', 'training'], val: ['val', 'valid', 'validation', 'test'] };

/** Names for what is no object: labelme's own examples list them. */
const background = ['background', '_background_', '__background__'];
const ignored = ['__ignore__', '_ignore_', 'ignore'];

export const labelme: MaskLayout = {
  task: 'segmentation',
  name: 'Labelme',
  signs: 'a JSON of Labelme beside each picture',
  fits: async (folder) => {
    for (const part of ['', ...splitNames.train]) {
      const [first] = await annotated(folder, part);
      if (first && (await parseLabelme(folder.at(first.json)).catch(() => undefined))) return true;
    }
    return false;
  },
  list: async (folder, { findings }) => {
    const named = async (names: readonly string[]): Promise<string | undefined> => {
      for (const name of names) if ((await annotated(folder, name)).length > 0) return name;
      return undefined;
    };
    const train = await named(splitNames.train);
    const val = train === undefined ? undefined : await named(splitNames.val);
    const seen = new Set<string>();
    const split = async (part: string): Promise<MaskSample[]> => {
      const pairs = await annotated(folder, part);
      const samples: MaskSample[] = [];
      for (const { image, json } of pairs) {
        const parsed = await parseLabelme(folder.at(json));
        if (!parsed) {
          findings.add({
            grade: 'warning',
            code: 'not-labelme',
            cause: 'JSON files beside pictures are not of Labelme, and their pictures are left out',
            files: [folder.at(json)],
            remedy: 'export them again, or take them out',
          });
          continue;
        }
        collect(parsed, seen);
        const bare = parsed.shapes.filter((shape) => !hasArea(shape)).length;
        if (bare > 0)
          findings.add({
            grade: 'warning',
            code: 'shape-without-area',
            cause: 'points and lines have no area and label no pixel',
            count: bare,
            files: [folder.at(json)],
            remedy: 'draw polygons where pixels are meant; nothing, where they are not',
          });
        samples.push({ image: folder.at(image), mask: folder.at(json) });
      }
      const alone = (await folder.files(part)).filter(isPhoto).length - pairs.length;
      if (alone > 0)
        findings.add({
          grade: 'warning',
          code: 'picture-without-label',
          cause: 'pictures have no JSON of their name and are left out',
          count: alone,
          remedy: 'label them, or take them out',
        });
      return samples;
    };
    const [trainSamples, valSamples] = [await split(train ?? ''), val === undefined ? undefined : await split(val)];
    const names = await orderNames(folder, seen);
    const objects = names.filter((name) => !background.includes(name.toLowerCase()) && !ignored.includes(name.toLowerCase()));
    if (objects.length === 0) throw new DataError(`${folder.path}: no JSON of Labelme in it has a shape`);
    const labels = names.map((name) => labelOf(name, objects));
    return {
      train: trainSamples,
      val: valSamples,
      classes: ['background', ...objects],
      coding: { kind: 'shapes', form: 'labelme', background: 0, labels, names },
    };
  },
};

function labelOf(name: string, objects: readonly string[]): number {
  if (ignored.includes(name.toLowerCase())) return notLabelled;
  return background.includes(name.toLowerCase()) ? 0 : objects.indexOf(name) + 1;
}

function collect({ shapes }: LabelmeFile, seen: Set<string>): void {
  for (const shape of shapes) if (hasArea(shape)) seen.add(shape.label);
}

async function orderNames(folder: Folder, seen: ReadonlySet<string>): Promise<string[]> {
  const listed = (await folder.has('labels.txt')) ? (await readLines(folder.at('labels.txt'))).map(({ text }) => text.trim()) : [];
  return [...listed, ...[...seen].filter((name) => !listed.includes(name)).toSorted()];
}

interface Annotated {
  readonly image: string;
  readonly json: string;
}

async function annotated(folder: Folder, part: string): Promise<Annotated[]> {
  const files = await folder.files(part);
  const jsons = new Set(files.filter((name) => name.endsWith('.json')));
  return files
    .filter((name) => isPhoto(name) && jsons.has(`${stemOf(name)}.json`))
    .map((name) => ({ image: path.join(part, name), json: path.join(part, `${stemOf(name)}.json`) }));
}
