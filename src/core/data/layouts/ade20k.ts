// ADE20K's scene parsing (http://sceneparsing.csail.mit.edu): `images/training`, `annotations/training`. Label 0 is not
// labelled, 1 is the first class.

import type { MaskSample } from '../dataset.js';
import type { Folder } from '../folder.js';
import { readLines } from '../lists.js';
import { noLabel, notLabelled } from '../mask-coding.js';
import { pairFolders } from '../pairs.js';
import { ade20kClasses } from './ade20k-classes.js';
import type { MaskLayout } from './layout.js';

export const ade20k: MaskLayout = {
  task: 'segmentation',
  name: 'ADE20K scene parsing',
  signs: 'images/training with annotations/training (ADE20K)',
  fits: async (folder) => (await folder.has('images', 'training')) && (await folder.has('annotations', 'training')),
  list: async (folder, { findings }) => {
    const split = async (name: string): Promise<MaskSample[]> =>
      (await pairFolders(folder, ['images', name], ['annotations', name], { what: 'annotation', findings })).map(({ image, map }) => ({
        image,
        mask: map,
      }));
    findings.add({
      grade: 'note',
      code: 'label-0-unlabelled',
      cause: 'as ADE20K has it, label 0 is taken for "not labelled" and is ignored, label 1 for the first class',
      count: 1,
      remedy: 'where 0 is a class, name the folders train and val instead of training and validation',
    });
    return {
      train: await split('training'),
      val: (await folder.has('images', 'validation')) ? await split('validation') : undefined,
      classes: await namesOf(folder),
      usualClasses: ade20kClasses,
      coding: {
        kind: 'pixels',
        values: Array.from({ length: 256 }, (_, v) => (v === 0 || v === 255 ? notLabelled : v > 254 ? noLabel : v - 1)),
      },
    };
  },
};

/** `objectInfo150.txt`: columns Idx, Ratio, Train, Val, Stuff, Name; or a CSV of the same. */
async function namesOf(folder: Folder): Promise<string[] | undefined> {
  for (const file of ['objectInfo150.txt', 'objectInfo150.csv']) {
    if (!(await folder.has(file))) continue;
    const rows = (await readLines(folder.at(file))).map(({ text }) =>
      text.split(file.endsWith('csv') ? ',' : '\t').map((part) => part.trim()),
    );
    const names = rows.filter(([number = '']) => /^\d+$/.test(number)).map((row) => (row.at(-1) ?? '').split(/[,;]/)[0] ?? '');
    if (names.length > 0) return names;
  }
  return undefined;
}
