// The shared cases: folders as users have them, with the labels that a reader must arrive at.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Dataset, loadSample, openData, openDataset, openDepthDataset, readMask } from '../../src/core/data/index.js';

const cases = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'cases');
const at = (name: string): string => path.join(cases, name);

async function labelsOf(dataset: Dataset): Promise<Map<string, { width: number; height: number; data: Uint8Array }>> {
  const found = new Map<string, { width: number; height: number; data: Uint8Array }>();
  for (const sample of [...dataset.train, ...dataset.val]) {
    const { truth } = await loadSample(sample, dataset.labelling);
    if (!('data' in truth)) throw new TypeError('no mask');
    const stem = path.parse(sample.image).name;
    found.set(/^\w+_(\d{6})_\d{6}_leftImg8bit$/.exec(stem)?.[1]?.replace(/^0+(?=\d)/, '') ?? stem, truth);
  }
  return found;
}

/** Mean over the classes of intersection over union, counted over all pictures: as segmentation is measured. */
class MeanOverlap {
  readonly #both = [0, 0, 0];
  readonly #either = [0, 0, 0];

  add(found: Uint8Array, truth: Uint8Array): void {
    truth.forEach((label, i) => {
      const other = found[i] ?? 0;
      this.#either[label] = (this.#either[label] ?? 0) + 1;
      if (other === label) this.#both[label] = (this.#both[label] ?? 0) + 1;
      else this.#either[other] = (this.#either[other] ?? 0) + 1;
    });
  }

  get value(): number {
    return this.#both.reduce((sum, both, label) => sum + both / (this.#either[label] ?? 1), 0) / this.#both.length;
  }
}

const names = ['background', 'red', 'blue'];
const exact: Record<string, string> = {
  'folders-no-split': 'folders of images and masks',
  'folders-by-split': 'folders of images and masks',
  ade20k: 'ADE20K scene parsing',
  cityscapes: 'Cityscapes',
  'cvat-masks': 'CVAT segmentation masks',
  'voc-png-photos': 'CVAT segmentation masks',
  'roboflow-masks': 'Roboflow masks',
};
const outlined: Record<string, string> = { 'coco-instances': 'COCO instances', 'yolo-segment': 'YOLO segmentation', labelme: 'Labelme' };

describe.skipIf(!existsSync(cases))('the shared cases of masks', () => {
  for (const [folder, layout] of [...Object.entries(exact), ...Object.entries(outlined)])
    for (const options of [{ names }, {}])
      test(`${folder}${options.names ? ', with the names of a preset' : ', of which nothing is known'}`, async () => {
        const opened = await openData(at(folder), options);
        expect(opened.layout).toBe(layout);
        expect([opened.train.length, opened.val.length]).toEqual([6, 2]);
        if (opened.labelling.kind !== 'masks') throw new TypeError('no masks');
        // Where neither folder nor preset name classes, they are as many as whoever looks at the pixels finds.
        const labelling = opened.labelling.classes.length > 0 ? opened.labelling : { ...opened.labelling, classes: names };
        const overlap = new MeanOverlap();
        for (const [stem, { width, height, data }] of await labelsOf({ ...opened, labelling })) {
          const truth = await readMask(path.join(at(folder), 'truth', `${stem}.png`));
          expect([width, height]).toEqual([truth.width, truth.height]);
          // By name: Labelme's own order is the alphabet's.
          const byName = data.map((label) => {
            const k = names.indexOf(labelling.classes[label] ?? '');
            return k < 0 ? label : k;
          });
          if (folder in exact) expect([...byName]).toEqual([...truth.data]);
          overlap.add(byName, truth.data);
        }
        expect(overlap.value).toBeGreaterThanOrEqual(folder in exact ? 1 : 0.97);
        expect(opened.findings.filter(({ grade }) => grade === 'warning')).toEqual([]);
      });

  test.each([
    'byte-order-mark',
    'backslashes',
    'rgb-masks',
    'grey-as-rgb-masks',
    'masks-16-bit',
    'exif-3',
    'exif-6',
    'alpha-zero',
    'float-tiff-0-1',
  ])('%s has the labels of the plain twin', async (folder) => {
    const labels = await labelsOf(await openDataset(at(folder), { classes: 3, ignore: 255, names }));
    expect(labels.size).toBe(8);
    for (const [stem, { data }] of labels) {
      const twin = await readMask(path.join(at('grey-as-rgb-masks'), 'masks', `${stem}.png`));
      expect([...data]).toEqual([...twin.data]);
    }
  });

  test('mask-0-255 is recognised as binary, with a note', async () => {
    const dataset = await openDataset(at('mask-0-255'), { classes: 2, ignore: 255, names: ['background', 'object'] });
    expect(dataset.findings).toMatchObject([{ grade: 'note', code: 'binary-masks' }]);
    for (const { data } of (await labelsOf(dataset)).values()) expect([...new Set(data)].sort()).toEqual([0, 1]);
  });

  test('same-in-both is warned of', async () => {
    const { findings } = await openDataset(at('same-in-both'), { classes: 3, ignore: 255, names });
    expect(findings).toMatchObject([{ grade: 'warning', code: expect.stringMatching(/same-picture-in-both|picture-twice/) }]);
  });
});

describe.skipIf(!existsSync(cases))('the shared cases of depth', () => {
  test.each(['depth-float-tiff', 'depth-npy', 'depth-half-size', 'depth-holes-0'])('%s', async (folder) => {
    const dataset = await openDepthDataset(at(folder), { scale: 1000 });
    const twin = await openDepthDataset(at('depth-holes-0'), { scale: 1000 });
    expect([dataset.train.length, dataset.val.length]).toEqual([6, 2]);
    for (const [i, sample] of dataset.train.entries()) {
      const { image, truth } = await loadSample(sample, dataset.labelling);
      const other = twin.train[i] && (await loadSample(twin.train[i], twin.labelling)).truth;
      if (!('metres' in truth) || !other || !('metres' in other)) throw new TypeError('no depth');
      expect([truth.width, truth.height]).toEqual([image.width, image.height]);
      expect(Math.min(...truth.metres)).toBeGreaterThanOrEqual(0);
      const both = truth.metres.filter((m, k) => m > 0 && (other.metres[k] ?? 0) > 0).length;
      const near = truth.metres.filter((m, k) => m > 0 && Math.abs(m - (other.metres[k] ?? 0)) < 0.15).length;
      expect(near / both).toBeGreaterThan(folder === 'depth-half-size' ? 0.9 : 0.99);
    }
  });

  test('is recognised without a task', async () => {
    for (const folder of ['depth-float-tiff', 'depth-npy', 'depth-holes-0'])
      expect((await openData(at(folder))).labelling.kind).toBe('depth');
  });
});
