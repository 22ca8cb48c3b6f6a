// Roboflow's "Semantic Segmentation Masks": in each of `train/`, `valid/` and `test/` pictures, their `…_mask.png` and
// `_classes.csv` of pixel value and class.

import type { MaskSample } from '../dataset.js';
import { DataError } from '../errors.js';
import { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import { readLines } from '../lists.js';
import { noLabel } from '../mask-coding.js';
import { splitCsv } from '../colour-table.js';
import { isPhoto, stemOf } from '../pairs.js';
import type { MaskLayout } from './layout.js';

const table = '_classes.csv';
const testName = 'test';
const valNames = ['valid', 'val', testName];

export const roboflowMasks: MaskLayout = {
  task: 'segmentation',
  name: 'Roboflow masks',
  signs: 'train/_classes.csv with train/…_mask.png (Roboflow masks)',
  fits: async (folder) => (await folder.has('train', table)) && (await folder.files('train')).some((name) => name.endsWith('_mask.png')),
  list: async (folder, { findings }) => {
    const classes = await readClasses(folder, 'train');
    let val: string | undefined;
    for (const name of valNames) if (val === undefined && (await folder.has(name))) val = name;
    if (val !== undefined && (await folder.has(val, table))) {
      const other = await readClasses(folder, val);
      if (JSON.stringify(other) !== JSON.stringify(classes))
        throw new DataError(`${folder.at(val, table)}: says other classes than ${folder.at('train', table)}; export both together`);
    }
    const names = classes.map(({ name }) => name);
    const values = Array.from({ length: 256 }, (_, v) => {
      const label = classes.findIndex(({ value }) => value === v);
      return label < 0 ? noLabel : label;
    });
    const asTheyAre = classes.every(({ value }, label) => value === label);
    return {
      train: await split(folder, 'train', findings),
      val: val === undefined ? undefined : await split(folder, val, findings),
      test: async () => (val === testName || !(await folder.has(testName)) ? undefined : split(folder, testName, new FindingList())),
      classes: names,
      coding: asTheyAre ? undefined : { kind: 'pixels', values },
    };
  },
};

async function readClasses(folder: Folder, part: string): Promise<{ value: number; name: string }[]> {
  const file = folder.at(part, table);
  const rows = (await readLines(file)).slice(1).map(({ text, number }) => {
    const [value = '', name = ''] = splitCsv(text);
    if (!/^\d+$/.test(value) || Number(value) > 255 || name === '')
      throw new DataError(`${file}:${number}: expected "pixel value, class", got "${text}"`);
    return { value: Number(value), name };
  });
  return rows.toSorted((a, b) => a.value - b.value);
}

async function split(folder: Folder, part: string, findings: FindingList): Promise<MaskSample[]> {
  const files = await folder.files(part);
  const masks = new Set(files.filter((name) => name.endsWith('_mask.png')));
  return files
    .filter((name) => isPhoto(name) && !masks.has(name))
    .flatMap((name) => {
      const mask = `${stemOf(name)}_mask.png`;
      const image = folder.at(part, name);
      if (masks.has(mask)) return [{ image, mask: folder.at(part, mask) }];
      findings.add({
        grade: 'warning',
        code: 'picture-without-label',
        cause: 'pictures have no mask of their name and are left out',
        files: [image],
        remedy: 'add the masks, or take the pictures out',
      });
      return [];
    });
}
