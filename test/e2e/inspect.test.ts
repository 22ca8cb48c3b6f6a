// `inspect`, and the same look before search, train and eval.

import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { greyPng, temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { auxcell } from './cli.js';
import { tinyPreset } from './tiny-preset.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const isThere = (name: string): Promise<boolean> =>
  stat(at(name)).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeStripeFolder(at('data'), { train: 8, val: 4 });
  await writeFile(at('tiny.yaml'), tinyPreset());
  // A label that no class has, found in the validation list alone: met last in earlier versions.
  await writeStripeFolder(at('wrong'), { train: 8, val: 4 });
  await writeFile(at('wrong/val/3-mask.png'), greyPng(new Uint8Array(48 * 40).fill(9), 48, 40));
  // One picture in both lists.
  await writeStripeFolder(at('twice'), { train: 8, val: 4 });
  await copyFile(at('twice/train/0.png'), at('twice/val/0.png'));
  await copyFile(at('twice/train/0-mask.png'), at('twice/val/0-mask.png'));
});

describe('inspect', () => {
  test('without a preset: what is there, as text, as JSON and as one file', async () => {
    const { code, stdout, stderr } = await auxcell(['inspect', at('data'), '-o', at('card.html')]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/training +8 +8 +48×40 \(8\)/);
    expect(stdout).toMatch(/note: the folder does not name its classes; there are labels 0, 1, 2/);
    const html = await readFile(at('card.html'), 'utf8');
    expect(html.match(/data:image\/jpeg/g)).toHaveLength(12);
    const json = await auxcell(['inspect', at('data'), '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ task: 'segmentation', truth: { kind: 'masks', pixels: { train: 8 * 48 * 40 } } });
  });

  test('a card that is there is not written over', async () => {
    await writeFile(at('mine.html'), 'mine');
    const { code, stderr } = await auxcell(['inspect', at('data'), '-o', at('mine.html')]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/mine\.html: exists already.*--overwrite/)]);
    expect(await readFile(at('mine.html'), 'utf8')).toBe('mine');
    expect((await auxcell(['inspect', at('data'), '-o', at('mine.html'), '--overwrite'])).code).toBe(0);
  });

  test('a folder that is not there for the card is told in a line', async () => {
    const { code, stderr } = await auxcell(['inspect', at('data'), '-o', at('nowhere/card.html')]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: .*nowhere\/card\.html: there is no such file or folder; correct the path, or make the folder\n$/),
    ]);
  });

  test('COCO as it was exported, without a file of ours: names, polygons, a category nobody shows', async () => {
    await mkdir(at('coco/annotations'), { recursive: true });
    for (const split of ['train', 'val']) {
      await mkdir(at(`coco/${split}2017`), { recursive: true });
      await writePhoto(at(`coco/${split}2017/p.jpg`), 48, 40, split.length);
      const coco = {
        images: [{ id: 5, file_name: 'p.jpg', width: 48, height: 40 }],
        annotations: [
          {
            id: 1,
            image_id: 5,
            category_id: 18,
            iscrowd: 0,
            area: 400,
            bbox: [0, 0, 20, 20],
            segmentation: [[0, 0, 20, 0, 20, 20, 0, 20]],
          },
        ],
        categories: [
          { id: 18, name: 'dog' },
          { id: 44, name: 'bottle' },
        ],
      };
      await writeFile(at(`coco/annotations/instances_${split}2017.json`), JSON.stringify(coco));
    }
    const { code, stdout, stderr } = await auxcell(['inspect', at('coco')]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/1 +dog +21 % +1 +21 % +1/);
    expect(stdout).toMatch(/warning: the class "bottle" \(label 2\) is in no mask/);
  });

  test('what cannot be read or learnt ends with exit code 1', async () => {
    const nothing = await auxcell(['inspect', at('nowhere')]);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringMatching(/nowhere: there is no such folder/)]);
    const wrong = await auxcell(['inspect', at('wrong'), '--preset', at('tiny.yaml')]);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/error: labels that no class has: 9, on 8\.3 % of the pixels.*3-mask\.png/);
  });
});

describe('before work', () => {
  test('an error stops search, train and eval, and leaves no folder behind', async () => {
    const search = await auxcell(['search', '--data', at('wrong'), '--preset', at('tiny.yaml'), '--out', at('run-wrong')]);
    expect([search.code, search.stderr]).toEqual([1, expect.stringMatching(/cannot be learnt from:\nlabels that no class has: 9/)]);
    expect(await isThere('run-wrong')).toBe(false);
    expect((await auxcell(['init', '--genotype', 'arch1', '--classes', '3', '--width', '16', '-o', at('n.safetensors')])).code).toBe(0);
    const measured = await auxcell(['eval', at('n.safetensors'), '--data', at('wrong')]);
    expect([measured.code, measured.stderr]).toEqual([1, expect.stringMatching(/cannot be measured on:\nlabels that no class has: 9/)]);
    // Its training list is right.
    expect((await auxcell(['eval', at('n.safetensors'), '--data', at('wrong'), '--split', 'train'])).code).toBe(0);
  });

  test('a teacher, an encoder or a run to reuse that is wrong leaves no folder behind either', async () => {
    const start = ['search', '--data', at('data'), '--preset', at('tiny.yaml'), '--out', at('run-start')];
    for (const wrong of [
      ['--teacher', at('nowhere.onnx')],
      ['--encoder-weights', at('nowhere.safetensors')],
      ['--reuse-from', at('nowhere')],
    ]) {
      const { code, stderr } = await auxcell([...start, ...wrong]);
      expect([code, stderr]).toEqual([1, expect.stringContaining('nowhere')]);
      expect(await isThere('run-start')).toBe(false);
    }
  });

  test('a warning is said and kept in the run', async () => {
    const args = ['--data', at('twice'), '--preset', at('tiny.yaml'), '--candidates', '1', '--out', at('run-twice')];
    const { code, stderr } = await auxcell(['search', ...args]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/warning: pictures of the training list are in the validation list too/);
    const card = JSON.parse(await readFile(at('run-twice/data-card.json'), 'utf8'));
    expect(card.findings).toEqual([expect.objectContaining({ grade: 'warning', code: 'same-picture-in-both-splits', count: 1 })]);
  });
});
