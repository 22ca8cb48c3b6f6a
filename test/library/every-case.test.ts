// Every shared case of what users have, to its end: either the samples are taught rightly (pixels and labels, not labels alone), or
// search, full training, fit and eval refuse them with words that say what to do, before there is a folder.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, loadSample, openData, unlabelled } from '../../src/core/data/index.js';
import { inspectDataset } from '../../src/core/inspect/index.js';
import { loadPreset, openPresetData, parsePreset, parseTrainPreset, type Preset } from '../../src/core/preset/index.js';
import type { TaskDescription } from '../../src/core/task/index.js';
import { evaluate, fit as fitTo, fitPreset, search, train } from '../../src/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { tinyPreset } from '../e2e/tiny-preset.js';
import { smallTraining } from '../fit/small-training.js';
import { writeSeeingNetwork } from '../model/seeing-network.js';

const cases = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'cases');
const at = (name: string): string => path.join(cases, name);

const three = ['background', 'red', 'blue'];
const classesKey = 'data: { classes: [a, b, c], ignore: 255,';

/** @param data the keys of `data` before `metaTrainShare` */
function masks(data: string): Preset {
  return parsePreset(tinyPreset({ [classesKey]: `data: { ${data},` }), 'tiny');
}
const threeClasses = masks('classes: [background, red, blue], ignore: 255');

/** What is drawn: each class has its colour, on grey. */
const colours: Readonly<Record<string, 'grey' | 'red' | 'blue'>> = {
  background: 'grey',
  red: 'red',
  blue: 'blue',
  object: 'red',
  left_arm: 'red',
  right_arm: 'red',
};

interface Taught {
  readonly preset?: Preset;
  readonly counts?: [number, number];
  /** Findings that are no notes. */
  readonly findings?: string[];
  /** In place of `colours`, where pictures have none. */
  readonly isGrey?: boolean;
  readonly size?: [number, number];
}

const taughtMasks: Readonly<Record<string, Taught>> = {
  'mask-0-255': { preset: masks('classes: [background, object], ignore: 255') },
  'ignore-zero': { preset: masks('classes: [void, background, red, blue], ignore: 0') },
  'class-absent-in-train': { findings: ['warning class-without-pixels'] },
  'exif-3': {},
  'exif-6': {},
  'left-right': { preset: masks('classes: [background, left_arm, right_arm], ignore: 255') },
  'large-photos': { counts: [3, 2] },
  'rgb-masks': {},
  'grey-as-rgb-masks': {},
  'masks-16-bit': {},
  'alpha-zero': {},
  'float-tiff-0-1': { isGrey: true },
  'byte-order-mark': {},
  backslashes: {},
  'same-in-both': { counts: [6, 6], findings: ['warning same-picture-in-both'] },
  'folders-no-split': {},
  'folders-by-split': {},
  ade20k: {},
  cityscapes: {},
  'cvat-masks': {},
  'voc-png-photos': {},
  'coco-instances': {},
  'yolo-segment': {},
  labelme: {},
  'roboflow-masks': {},
};

const depthCases = ['depth-holes-65535', 'depth-holes-0', 'depth-float-tiff', 'depth-npy', 'depth-half-size'];
const poseCases: Readonly<Record<string, string[]>> = {
  'pose-several-categories': [],
  'pose-any-skeleton': [],
  'pose-short-sides': [],
};

/** What cannot be learnt from, and the words. */
const refused: Readonly<Record<string, { readonly task: 'segmentation' | 'pose' | 'depth'; readonly words: RegExp }>> = {
  'all-ignored': {
    task: 'segmentation',
    words: /no pixel of the training masks is labelled: all are 255, which is ignored.*correct data\.ignore/s,
  },
  'pose-pictures-resized': {
    task: 'pose',
    words: /train\.json: 6 of 6 picture\(s\) are not of the size at which they were labelled: .*train0\.jpg is 36×48, the list says 72×96/,
  },
  'pose-duplicate-ids': { task: 'pose', words: /train\.json: 3 image ids are given twice: 1 \(train0\.jpg and train1\.jpg\)/ },
  'pose-coordinates-0-1': { task: 'pose', words: /train\.json: the joints of 6 of 6 people lie between 0 and 1/ },
  'depth-5000-a-metre': { task: 'depth', words: /of the measured .*pixels lie beyond.*scale/s },
};

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});

async function warnings(dataset: Dataset, name: string, preset: Preset): Promise<string[]> {
  const range = preset.task === 'depth' ? preset.data : undefined;
  const { findings } = await inspectDataset(dataset, { folder: at(name), threads: 1, ...(range && { range }) });
  return findings.filter(({ grade }) => grade !== 'note').map(({ grade, code }) => `${grade} ${code}`);
}

describe.skipIf(!existsSync(cases))('the shared cases', () => {
  test('each has a row here', () => {
    const rows = [...Object.keys(taughtMasks), ...depthCases, ...Object.keys(poseCases), ...Object.keys(refused)];
    expect(rows.toSorted()).toEqual(
      readdirSync(cases)
        .filter((name) => name !== 'README.md')
        .toSorted(),
    );
  });

  test.each(Object.keys(taughtMasks))('%s: every class lies on its colour', async (name) => {
    const { preset = threeClasses, counts = [6, 2], findings = [], isGrey = false } = taughtMasks[name] ?? {};
    // Cityscapes' and ADE20K's own names are not those of the shapes.
    const isOwn = name === 'cityscapes' || name === 'ade20k';
    const dataset = isOwn ? await openData(at(name), { names: three }) : await openPresetData(at(name), preset);
    expect([dataset.train.length, dataset.val.length]).toEqual(counts);
    if (dataset.labelling.kind !== 'masks') throw new TypeError('no masks');
    const { classes, ignore } = dataset.labelling;
    const sums = classes.map(() => ({ r: 0, g: 0, b: 0, pixels: 0 }));
    for (const sample of [...dataset.train, ...dataset.val]) {
      const { image, truth } = await loadSample(sample, dataset.labelling);
      if (!('data' in truth)) throw new TypeError('no mask');
      expect([truth.width, truth.height]).toEqual([image.width, image.height]);
      truth.data.forEach((label, i) => {
        if (label === unlabelled) return;
        const sum = sums[label];
        if (!sum) throw new RangeError(`label ${label}`);
        sum.r += image.data[3 * i] ?? 0;
        sum.g += image.data[3 * i + 1] ?? 0;
        sum.b += image.data[3 * i + 2] ?? 0;
        sum.pixels++;
      });
    }
    for (const [label, className] of classes.entries()) {
      const { r, g, b, pixels } = sums[label] ?? { r: 0, g: 0, b: 0, pixels: 0 };
      if (label === ignore) {
        expect(pixels, className).toBe(0);
        continue;
      }
      expect(pixels, className).toBeGreaterThan(0);
      const mean = [r, g, b].map((v) => v / pixels);
      // Grey noise around 90; shapes are 219, 40, 39 and the other way round, 99 where they were made grey.
      const [low, high] = isGrey && className !== 'background' ? [97, 101] : [85, 98];
      const colour = isGrey ? 'grey' : colours[className];
      if (colour === 'grey') for (const v of mean) expect(v, className).toSatisfy((c: number) => c > low && c < high);
      else {
        const [most, ...others] = colour === 'red' ? mean : mean.toReversed();
        expect(most, className).toBeGreaterThan(200);
        for (const v of others) expect(v, className).toBeLessThan(50);
      }
    }
    if (!isOwn) expect(await warnings(dataset, name, preset)).toEqual(findings);
  });

  test.each(depthCases)('%s: holes are not taught, what is measured is', async (name) => {
    const preset = await loadPreset('nyud-depth');
    const dataset = await openPresetData(at(name), preset);
    expect([dataset.train.length, dataset.val.length]).toEqual([6, 2]);
    for (const sample of dataset.train) {
      const { image, truth } = await loadSample(sample, dataset.labelling);
      if (!('metres' in truth)) throw new TypeError('no depth');
      expect([truth.width, truth.height]).toEqual([image.width, image.height]);
      const measured = truth.metres.filter((m) => m > 0);
      expect(measured.length).toBeGreaterThan(truth.metres.length / 2);
      // The scenes are ramps within the range; a hole of 65535 would be 65.5 m.
      expect(Math.max(...measured)).toBeLessThanOrEqual(10);
      expect(Math.min(...measured)).toBeGreaterThan(0.1);
    }
    expect((await warnings(dataset, name, preset)).filter((said) => said.startsWith('error'))).toEqual([]);
  });

  test('fit, which nobody tells a range: it ends before the holes, and a unit that nobody said is doubted', async () => {
    const said = async (name: string) => {
      const printed: string[] = [];
      const text = await fitPreset({ data: at(name), reporter: { show: () => undefined, print: (line) => printed.push(line) } });
      const preset = parsePreset(text, name);
      return { maxDepth: preset.task === 'depth' ? preset.data.maxDepth : 0, printed: printed.join('\n') };
    };
    const [zero, largest, wrong] = [await said('depth-holes-0'), await said('depth-holes-65535'), await said('depth-5000-a-metre')];
    expect(largest.maxDepth).toBe(zero.maxDepth);
    expect(largest.printed).toMatch(/warning: 15 % of the measured training pixels are 65\.5 m away/);
    expect(wrong.printed).toMatch(/warning: nobody says the unit of these depths.*a depth scale of .* 5000 for TUM/);
    expect(zero.printed).not.toMatch(/warning/);
  });

  test.each(Object.keys(poseCases))('%s: everybody is taken, joints lie in the pictures', async (name) => {
    const dataset = await openData(at(name));
    expect([dataset.train.length, dataset.val.length, dataset.skipped]).toEqual([6, 2, []]);
    for (const sample of [...dataset.train, ...dataset.val]) {
      const { image, truth } = await loadSample(sample, dataset.labelling);
      if (!('joints' in truth)) throw new TypeError('no person');
      for (let k = 0; k < truth.joints.length; k += 3) {
        if ((truth.joints[k + 2] ?? 0) === 0) continue;
        expect(truth.joints[k]).toSatisfy((x: number) => x >= 0 && x < image.width);
        expect(truth.joints[k + 1]).toSatisfy((y: number) => y >= 0 && y < image.height);
      }
    }
    expect(dataset.findings.filter(({ grade }) => grade === 'warning').map(({ code }) => code)).toEqual(poseCases[name]);
  });

  describe.each(Object.entries(refused))('%s is refused', (name, { task, words }) => {
    const presetOf = async (): Promise<Preset> => {
      if (task === 'segmentation') return threeClasses;
      const preset = await loadPreset(task === 'pose' ? 'lspet-pose' : 'nyud-depth');
      if (preset.task !== 'pose') return preset;
      return { ...preset, data: { ...preset.data, joints: ['nose'], skeleton: [] }, reward: { metric: 'pckBox' } };
    };
    const network: Readonly<Record<string, TaskDescription>> = {
      segmentation: { task: 'segmentation', classes: three, ignore: 255 },
      pose: { task: 'pose', joints: ['nose'], skeleton: [], crop: [64, 64], padding: 1.25, sigma: 2, decoding: 'quarter' },
      depth: { task: 'depth', minDepth: 0.1, maxDepth: 10, unit: 'metre' },
    };

    test('by search', async () => {
      const out = path.join(folder, `search-${name}`);
      await expect(search({ data: at(name), preset: await presetOf(), candidates: 1, out })).rejects.toThrow(words);
      expect(existsSync(out)).toBe(false);
    });

    // Nobody tells fit how far depth goes: it takes what is there, and says which unit it takes (below).
    test.runIf(task !== 'depth')('by fit', async () => {
      const out = path.join(folder, `fit-${name}`);
      await expect(fitTo({ data: at(name), hours: 0.01, out })).rejects.toThrow(words);
      expect(existsSync(out)).toBe(false);
    });

    test.runIf(task === 'segmentation')('by train', async () => {
      const out = path.join(folder, `train-${name}`);
      const preset = parseTrainPreset(smallTraining({ 'classes: [a, b, c]': 'classes: [background, red, blue]' }), 'small');
      await expect(train({ genotype: 'fpn', data: at(name), preset, out })).rejects.toThrow(words);
      expect(existsSync(out)).toBe(false);
    });

    test('by eval', async () => {
      const model = path.join(folder, `${name}.safetensors`);
      await writeSeeingNetwork(model, network[task] ?? { task: 'segmentation', classes: three });
      await expect(evaluate({ model, data: at(name), split: 'train' })).rejects.toThrow(words);
    });
  });
});
