// `eval` beside an independent count in NumPy on the masks that `predict` writes, for every way of coding masks.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
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

/** How masks of the same labels are written: the file's content. Where a coding cannot say "ignored", a fourth colour or value does. */
const pictures: Record<string, (labels: Uint8Array) => Uint8Array> = {
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
async function writeFolders(name: string, code: (labels: Uint8Array) => Uint8Array): Promise<void> {
  for (const split of ['train', 'val']) {
    await writePictures(at(name, split, 'images'));
    await mkdir(at(name, split, 'masks'));
    for (const [k, stem] of stems.entries()) await writeFile(at(name, split, 'masks', `${stem}.png`), code(labelsOf(k)));
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

  test.each([...Object.keys(pictures), 'coco'])('%s', async (coding) => {
    if (coding === 'coco') await writeCoco(coding);
    else await writeFolders(coding, pictures[coding] ?? (() => new Uint8Array()));
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
