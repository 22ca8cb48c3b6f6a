import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  type Framing,
  frame,
  type LabelledImage,
  type LabelMap,
  loadSample,
  openDataset,
  readImage,
  readMask,
  streamSamples,
} from '../../src/core/data/index.js';
import { generateDemo } from '../../src/platform/node/demo/generate.js';
import { seededRandom } from '../../src/core/random/index.js';
import { greyPng, stripes, temporaryFolder, writePhoto, writeStripeFolder } from './fixtures.js';

const classes = ['a', 'b', 'c'];
const labelling = { kind: 'masks', classes, ignore: 255 } as const;

function labelsOf({ truth }: LabelledImage): LabelMap {
  if (!('data' in truth)) throw new TypeError('not a mask');
  return truth;
}

describe('masks', () => {
  test('grey, palette and packed bits give the labels', async () => {
    const folder = await temporaryFolder();
    const labels = stripes(13, 5, 3);
    await writeFile(path.join(folder, 'grey.png'), greyPng(labels, 13, 5));
    // sharp writes palettes of few colours with 1, 2 or 4 bits a pixel.
    const colours = [
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
    ];
    const rgb = Uint8Array.from({ length: labels.length * 3 }, (_, i) => colours[labels[Math.floor(i / 3)] ?? 0]?.[i % 3] ?? 0);
    await sharp(rgb, { raw: { width: 13, height: 5, channels: 3 } })
      .png({ palette: true, colours: 4, dither: 0 })
      .toFile(path.join(folder, 'palette.png'));
    expect([...(await readMask(path.join(folder, 'grey.png'))).data]).toEqual([...labels]);
    const { data } = await readMask(path.join(folder, 'palette.png'));
    // Which index a colour got is sharp's affair; equal labels must have equal indices and different ones different.
    const seen = new Map<number, number>();
    labels.forEach((label, i) => {
      expect(seen.get(label) ?? data[i]).toBe(data[i]);
      seen.set(label, data[i] ?? -1);
    });
    expect(new Set(seen.values()).size).toBe(3);
  });

  test('a colour image or a torn file is refused with its name', async () => {
    const folder = await temporaryFolder();
    await writePhoto(path.join(folder, 'rgb.png'), 4, 4);
    await expect(readMask(path.join(folder, 'rgb.png'))).rejects.toThrow(/rgb\.png: the mask has 3 channels/);
    const whole = greyPng(stripes(20, 20, 3), 20, 20);
    await writeFile(path.join(folder, 'torn.png'), whole.subarray(0, 40));
    await expect(readMask(path.join(folder, 'torn.png'))).rejects.toThrow(/torn\.png: .*masks are PNG files/);
  });
});

describe('images', () => {
  test('grey and RGBA become RGB', async () => {
    const folder = await temporaryFolder();
    const grey = Uint8Array.of(10, 20, 30, 40);
    await sharp(grey, { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toFile(path.join(folder, 'grey.png'));
    expect([...(await readImage(path.join(folder, 'grey.png'))).data]).toEqual([10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40]);
    const rgba = Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 0);
    await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toFile(path.join(folder, 'rgba.png'));
    expect([...(await readImage(path.join(folder, 'rgba.png'))).data]).toEqual([200, 100, 50, 200, 100, 50]);
  });
});

describe('data folders', () => {
  test('a list of pairs', async () => {
    const folder = await temporaryFolder();
    await writeStripeFolder(folder, { train: 3, val: 2 });
    const dataset = await openDataset(folder, { classes: 3, ignore: 255, names: classes });
    expect([dataset.train.length, dataset.val.length]).toEqual([3, 2]);
    expect(labelsOf(await loadSample(dataset.train[0] ?? { image: '', mask: '' }, dataset.labelling)).width).toBe(48);
  });

  test("PASCAL VOC's layout with palette masks", async () => {
    const folder = await temporaryFolder();
    for (const part of ['ImageSets/Segmentation', 'JPEGImages', 'SegmentationClass'])
      await mkdir(path.join(folder, part), { recursive: true });
    await writePhoto(path.join(folder, 'JPEGImages', '2007_000001.jpg'), 13, 5);
    await writeFile(path.join(folder, 'SegmentationClass', '2007_000001.png'), greyPng(stripes(13, 5, 3), 13, 5));
    for (const split of ['train', 'val']) await writeFile(path.join(folder, 'ImageSets/Segmentation', `${split}.txt`), '2007_000001\n');
    const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
    expect(dataset.val).toEqual([
      { image: path.join(folder, 'JPEGImages/2007_000001.jpg'), mask: path.join(folder, 'SegmentationClass/2007_000001.png') },
    ]);
    expect(labelsOf(await loadSample(dataset.val[0] ?? { image: '', mask: '' }, dataset.labelling)).data.length).toBe(65);
  });

  test('what is wrong is named', async () => {
    const folder = await temporaryFolder();
    const options = { classes: 3, ignore: 255 };
    await expect(openDataset(path.join(folder, 'nowhere'), options)).rejects.toThrow(/nowhere: there is no such folder/);
    await expect(openDataset(folder, options)).rejects.toThrow(
      /holds nothing, but neither .* nor ImageSets.* nor train\.txt \(lines of image TAB mask\)/,
    );
    await writeFile(path.join(folder, 'train.txt'), 'a.jpg b.png\n');
    await expect(openDataset(folder, options)).rejects.toThrow(/train\.txt:1: expected "image TAB mask", got "a\.jpg b\.png"/);
    await writeFile(path.join(folder, 'train.txt'), '\na.jpg\tb.png\n');
    await expect(openDataset(folder, options)).rejects.toThrow(/train\.txt:2: .*a\.jpg does not exist/);
    await writeFile(path.join(folder, 'train.txt'), '\n\n');
    await expect(openDataset(folder, options)).rejects.toThrow(/train\.txt: the list is empty/);
  });

  test('a mask of another size, or with labels too high, is named', async () => {
    const folder = await temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    await writePhoto(at('a.png'), 8, 6);
    await writeFile(at('small.png'), greyPng(stripes(7, 6, 3), 7, 6));
    await writeFile(at('high.png'), greyPng(stripes(8, 6, 8), 8, 6));
    await expect(loadSample({ image: at('a.png'), mask: at('small.png') }, labelling)).rejects.toThrow(
      /small\.png: the mask is 7×6, its image .*a\.png is 8×6/,
    );
    await expect(loadSample({ image: at('a.png'), mask: at('high.png') }, labelling)).rejects.toThrow(/high\.png: label 3 with 3 classes/);
    await writeFile(at('torn.jpg'), new Uint8Array(30));
    await expect(loadSample({ image: at('torn.jpg'), mask: at('high.png') }, labelling)).rejects.toThrow(
      /torn\.jpg: .*the image cannot be read/,
    );
  });
});

describe('framing', () => {
  const random: Framing = { kind: 'random', side: 32, width: 40, height: 24, scale: [0.7, 1.4], mirror: true };

  test('the same seed gives the same sample, on any number of threads', async () => {
    const folder = await temporaryFolder();
    await writeStripeFolder(folder, { train: 6, val: 1 });
    const dataset = await openDataset(folder, { classes: 3, ignore: 255 });
    const requests = dataset.train.map((sample, i) => ({ sample, seed: i }));
    const collect = async (threads: number): Promise<string[]> => {
      const out: string[] = [];
      for await (const sample of streamSamples(requests, random, dataset.labelling, threads))
        out.push(`${sample.image.data.join()}|${labelsOf(sample).data.join()}`);
      return out;
    };
    const one = await collect(1);
    expect(await collect(3)).toEqual(one);
    expect(new Set(one).size).toBe(6);
  });

  test('an error in a worker thread arrives with its message', async () => {
    const folder = await temporaryFolder();
    const request = { sample: { image: path.join(folder, 'x.png'), mask: path.join(folder, 'y.png') }, seed: 0 };
    const drain = async (): Promise<void> => {
      for await (const _ of streamSamples([request], random, labelling)) throw new Error('there is none');
    };
    await expect(drain()).rejects.toThrow(/x\.png|y\.png/);
  });

  test('image and mask stay together; outside the image is ignored', async () => {
    const width = 12;
    const labels = stripes(width, 10, 12);
    const data = Uint8Array.from({ length: width * 10 * 3 }, (_, i) => (labels[Math.floor(i / 3)] ?? 0) * 20);
    const sample = { image: { width, height: 10, data }, truth: { width, height: 10, data: labels } };
    const framing: Framing = { kind: 'random', side: 10, width: 16, height: 14, scale: [1, 1], mirror: true };
    for (let seed = 0; seed < 20; seed++) {
      const framed = await frame(sample, framing, labelling, seededRandom(seed));
      labelsOf(framed).data.forEach((label, i) => {
        if (label === 255) expect(framed.image.data[3 * i]).toBe(0);
        else expect(framed.image.data[3 * i]).toBe(label * 20);
      });
      expect(labelsOf(framed).data.filter((label) => label !== 255).length).toBe(120);
    }
  });
});

describe('the demo data', () => {
  test('is the same for the same seed, has every class, and shows other objects in validation', async () => {
    const [a, b] = [await temporaryFolder(), await temporaryFolder()];
    const options = { train: 10, val: 6, width: 128, height: 96 };
    await generateDemo(a, { ...options, random: seededRandom(4) });
    await generateDemo(b, { ...options, random: seededRandom(4) });
    const seen = new Set<number>();
    for (const split of ['train', 'val']) {
      expect(await readFile(path.join(a, `${split}.txt`), 'utf8')).toBe(await readFile(path.join(b, `${split}.txt`), 'utf8'));
      for (let i = 0; i < options[split === 'train' ? 'train' : 'val']; i++) {
        const name = path.join(split, String(i).padStart(4, '0'));
        for (const ending of ['jpg', 'png'])
          expect((await readFile(path.join(a, `${name}.${ending}`))).equals(await readFile(path.join(b, `${name}.${ending}`)))).toBe(true);
        for (const label of (await readMask(path.join(a, `${name}.png`))).data) seen.add(label);
      }
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('augmentation of full training', () => {
  const width = 4;
  const height = 2;
  const image = { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => 60 + 5 * i) };
  const truth = { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => i) };

  test('a stretched image is mirrored half the time, its labels with it', async () => {
    const framing = { kind: 'resize', width, height, mirror: true } as const;
    const rows = await Promise.all(
      Array.from({ length: 40 }, async (_, seed) => {
        const framed = await frame({ image, truth }, framing, labelling, seededRandom(seed));
        const red = Array.from({ length: width }, (_, x) => framed.image.data[3 * x]);
        return JSON.stringify([[...labelsOf(framed).data.subarray(0, width)], red]);
      }),
    );
    const [plain, mirrored] = [
      JSON.stringify([
        [0, 1, 2, 3],
        [60, 75, 90, 105],
      ]),
      JSON.stringify([
        [3, 2, 1, 0],
        [105, 90, 75, 60],
      ]),
    ];
    expect(new Set(rows)).toEqual(new Set([plain, mirrored]));
    expect(rows.filter((row) => row === mirrored).length).toBeGreaterThan(10);
  });

  test('jitter of nothing changes nothing; of brightness it scales; of contrast it keeps the mean; of saturation it keeps greys', async () => {
    const jittered = async (jitter: { brightness: number; contrast: number; saturation: number }, source = image) =>
      (await frame({ image: source, truth }, { kind: 'resize', width, height, jitter }, labelling, seededRandom(3))).image.data;
    expect(await jittered({ brightness: 0, contrast: 0, saturation: 0 })).toEqual(image.data);
    const bright = await jittered({ brightness: 0.4, contrast: 0, saturation: 0 });
    const ratio = (bright[0] ?? 0) / 60;
    expect(Math.abs(ratio - 1)).toBeGreaterThan(0.01);
    bright.forEach((v, i) => {
      expect(Math.abs(v - Math.min(255, ratio * (60 + 5 * i)))).toBeLessThan(2);
    });
    const mean = (values: Uint8Array): number => values.reduce((a, b) => a + b, 0) / values.length;
    const contrast = await jittered({ brightness: 0, contrast: 0.4, saturation: 0 });
    expect(contrast).not.toEqual(image.data);
    expect(Math.abs(mean(contrast) - mean(image.data))).toBeLessThan(2);
    const grey = { ...image, data: image.data.map((_, i) => 80 + 10 * Math.floor(i / 3)) };
    expect(await jittered({ brightness: 0, contrast: 0, saturation: 0.9 }, grey)).toEqual(grey.data);
  });
});
