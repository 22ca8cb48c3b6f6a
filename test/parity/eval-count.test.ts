// `eval` beside an independent count in NumPy on the masks that `predict` writes, for every way of coding masks.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask, writeImage } from '../../src/core/data/index.js';
import { freshNetwork, joinNetwork, loadEncoder, networkFile, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { greyPng, temporaryFolder } from '../data/fixtures.js';
import { auxcell } from '../e2e/cli.js';
import { python, Torch } from './torch.js';

const [width, height, ignore] = [144, 112, 255];
const classes = ['a', 'b', 'c'];
const stems = ['p0', 'p1'];
const colours = [
  [10, 20, 30],
  [200, 0, 0],
  [0, 0, 200],
];

let folder: string;
let torch: Torch;
const at = (...names: string[]): string => path.join(folder, ...names);

/** Labels in blocks, a strip of them ignored. */
function labelsOf(k: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return y >= height - 6 ? ignore : (Math.floor(x / 9) + Math.floor(y / 11) + k) % 3;
  });
}

interface Picture {
  readonly ending?: string;
  readonly code: (labels: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** How masks of the same labels are written: the file's content. Where a coding cannot say "ignored", a fourth colour or value does. */
const codes: Record<string, Picture['code']> = {
  grey: (labels) => greyPng(labels, width, height),
  palette: (data) => {
    const palette = Array.from({ length: 256 }, (_, label) => [255 - label, label, 7]);
    return encode({ width, height, data, channels: 1, depth: 8, palette });
  },
  'sixteen-bits': (labels) => encode({ width, height, data: Uint16Array.from(labels), channels: 1, depth: 16 }),
  'grey-as-rgb': (labels) => {
    const data = Uint8Array.from({ length: 3 * labels.length }, (_, i) => labels[Math.floor(i / 3)] ?? 0);
    return encode({ width, height, data, channels: 3, depth: 8 });
  },
  colours: (labels) => {
    const data = Uint8Array.from({ length: 3 * labels.length }, (_, i) => colours[labels[Math.floor(i / 3)] ?? 0]?.[i % 3] ?? 255);
    return encode({ width, height, data, channels: 3, depth: 8 });
  },
};
const pictures: Record<string, Picture> = {
  ...Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, { code }])),
  TIFF: { ending: 'tif', code: (labels) => greyOf(labels).tiff({ compression: 'lzw' }).toBuffer() },
  'lossless WebP': { ending: 'webp', code: (labels) => greyOf(labels).webp({ lossless: true }).toBuffer() },
  NPY: { ending: 'npy', code: npyOf },
};

function greyOf(labels: Uint8Array) {
  return sharp(labels, { raw: { width, height, channels: 1 } });
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0 */
function npyOf(labels: Uint8Array): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${height}, ${width}), }`.padEnd(117) + String.fromCharCode(10);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), Buffer.from(header), labels]);
}

async function writePictures(place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  for (const [k, stem] of stems.entries()) {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return 128 + 100 * Math.sin((x * (c + 1 + k)) / 25) * Math.cos((y * (3 - c)) / 20);
    });
    await writeImage(path.join(place, `${stem}.png`), { width, height, data });
  }
}

/** `SPLIT/images` and `SPLIT/masks`. */
async function writeFolders(name: string, { ending = 'png', code }: Picture): Promise<void> {
  for (const split of ['train', 'val']) {
    await writePictures(at(name, split, 'images'));
    await mkdir(at(name, split, 'masks'));
    for (const [k, stem] of stems.entries()) await writeFile(at(name, split, 'masks', `${stem}.${ending}`), await code(labelsOf(k)));
  }
  if (name === 'colours')
    await writeFile(
      at(name, 'class_dict.csv'),
      `name,r,g,b\n${classes.map((n, k) => `${n},${colours[k]?.join(',')}`).join('\n')}\nvoid,255,255,255\n`,
    );
}

/** COCO's uncompressed runs, down the columns; what is ignored is a crowd. */
async function writeCoco(name: string): Promise<void> {
  const runs = (labels: Uint8Array, wanted: number): number[] => {
    const counts = [0];
    let inside = false;
    for (let x = 0; x < width; x++)
      for (let y = 0; y < height; y++) {
        if ((labels[y * width + x] === wanted) !== inside) {
          counts.push(0);
          inside = !inside;
        }
        counts.push((counts.pop() ?? 0) + 1);
      }
    return counts;
  };
  await mkdir(at(name, 'annotations'), { recursive: true });
  for (const split of ['train', 'val']) {
    await writePictures(at(name, `${split}2017`));
    const annotations = stems.flatMap((_, k) =>
      [1, 2, ignore].map((label) => ({
        id: 10 * k + (label % 10),
        image_id: k + 1,
        category_id: label === 2 ? 90 : 18,
        iscrowd: label === ignore ? 1 : 0,
        area: 1,
        bbox: [0, 0, 1, 1],
        segmentation: { size: [height, width], counts: runs(labelsOf(k), label) },
      })),
    );
    const images = stems.map((stem, k) => ({ id: k + 1, file_name: `${stem}.png`, width, height }));
    const categories = [
      { id: 18, name: 'b' },
      { id: 90, name: 'c' },
    ];
    await writeFile(at(name, 'annotations', `instances_${split}2017.json`), JSON.stringify({ images, annotations, categories }));
  }
}

/** A segment a label, the ignored pixels none. */
async function writePanoptic(name: string): Promise<void> {
  const ids = [70_000, 300, 5];
  for (const split of ['train', 'val']) {
    await writePictures(at(name, `${split}2017`));
    await mkdir(at(name, 'annotations', `panoptic_${split}2017`), { recursive: true });
    for (const [k, stem] of stems.entries()) {
      const labels = labelsOf(k);
      const data = Uint8Array.from(
        { length: 3 * labels.length },
        (_, i) => ((ids[labels[Math.floor(i / 3)] ?? 0] ?? 0) >> (8 * (i % 3))) & 255,
      );
      await writeFile(
        at(name, 'annotations', `panoptic_${split}2017`, `${stem}.png`),
        encode({ width, height, data, channels: 3, depth: 8 }),
      );
    }
    const segments_info = ids.map((id, label) => ({ id, category_id: 10 * label + 1, iscrowd: 0 }));
    await writeFile(
      at(name, 'annotations', `panoptic_${split}2017.json`),
      JSON.stringify({
        images: stems.map((stem, id) => ({ id, file_name: `${stem}.png`, width, height })),
        annotations: stems.map((stem, id) => ({ image_id: id, file_name: `${stem}.png`, segments_info })),
        categories: classes.map((category, label) => ({ id: 10 * label + 1, name: category })),
      }),
    );
  }
}

/** PASCAL VOC, in colours of its own map; its white-ish one is the ignored. */
async function writeVoc(name: string): Promise<void> {
  await writePictures(at(name, 'JPEGImages'));
  await mkdir(at(name, 'SegmentationClass'));
  await mkdir(at(name, 'ImageSets', 'Segmentation'), { recursive: true });
  const map = [
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
  ];
  for (const [k, stem] of stems.entries()) {
    const labels = labelsOf(k);
    const data = Uint8Array.from(
      { length: 3 * labels.length },
      (_, i) => (map[labels[Math.floor(i / 3)] ?? 0] ?? [224, 224, 192])[i % 3] ?? 0,
    );
    await writeFile(at(name, 'SegmentationClass', `${stem}.png`), encode({ width, height, data, channels: 3, depth: 8 }));
  }
  for (const split of ['train', 'val']) await writeFile(at(name, 'ImageSets', 'Segmentation', `${split}.txt`), stems.join('\r\n'));
}

const layouts: Record<string, (name: string) => Promise<void>> = {
  ...Object.fromEntries(Object.entries(pictures).map(([name, picture]) => [name, () => writeFolders(name, picture)])),
  coco: writeCoco,
  panoptic: writePanoptic,
  VOC: writeVoc,
};

async function writeModel(file: string, names: readonly string[]): Promise<void> {
  const genotype = parseGenotype(publishedGenotypes.arch1);
  const validated = { kind: 'resize', aspect: 'stretched', width: 160, height: 128 } as const;
  const description = {
    genotype,
    task: { task: 'segmentation' as const, classes: [...names], ignore, validated },
    width: 16,
    sepRepeats: 1,
  };
  const { tensors } = freshNetwork(description, seededRandom(8));
  const own = new Map([...tensors].filter(([name]) => name.startsWith('decoder.')).map(([name, { data }]) => [name, data]));
  await writeSafetensors(file, networkFile(joinNetwork(await loadEncoder('movenet'), own, description)));
}

describe.skipIf(python === undefined)('eval beside NumPy', () => {
  let predicted: Int32Array;

  beforeAll(async () => {
    folder = await temporaryFolder();
    torch = new Torch();
    await writeModel(at('model.safetensors'), classes);
    await writeModel(at('coco.safetensors'), ['background', 'b', 'c']);
    await writePictures(at('photos'));
    const { code, stderr } = await auxcell(['predict', at('model.safetensors'), at('photos'), '-o', at('masks')]);
    expect(code, stderr).toBe(0);
    const masks = await Promise.all(stems.map((stem) => readMask(at('masks', `${stem}.png`))));
    predicted = Int32Array.from(masks.flatMap(({ data }) => [...data]));
    expect(new Set(predicted).size).toBeGreaterThan(1);
  });
  afterAll(() => torch.close());

  test.each(Object.keys(layouts))('%s', async (coding) => {
    await layouts[coding]?.(coding);
    const model = at(coding === 'coco' ? 'coco.safetensors' : 'model.safetensors');
    const { code, stdout, stderr } = await auxcell(['eval', model, '--data', at(coding), '--json']);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout);
    const truth = Int32Array.from(stems.flatMap((_, k) => [...labelsOf(k)]));
    const dims = [truth.length];
    const { confusion, figures } = await torch.run(
      `
import numpy as np
t, p = inputs["truth"].numpy().astype(int), inputs["predicted"].numpy().astype(int)
keep = t != 255
m = np.bincount(3 * t[keep] + p[keep], minlength=9).reshape(3, 3)
iou = np.diag(m) / (m.sum(0) + m.sum(1) - np.diag(m))
import torch
outputs = {"confusion": torch.tensor(m.reshape(-1), dtype=torch.float32),
           "figures": torch.tensor([iou.mean(), np.diag(m).sum() / m.sum(), (np.diag(m) / m.sum(1)).mean()], dtype=torch.float32)}`,
      { truth: { data: truth, dims }, predicted: { data: predicted, dims } },
    );
    expect(report.confusion.flat()).toEqual([...(confusion?.data ?? [])]);
    const { meanIoU, pixelAccuracy, meanAccuracy } = report.metrics;
    [meanIoU, pixelAccuracy, meanAccuracy].forEach((value, i) => {
      expect(value).toBeCloseTo(figures?.data[i] ?? Number.NaN, 5);
    });
  });
});
