// One meaning of a label that is ignored, also where it is that of a class: not learnt, not counted, never predicted.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Dataset, type Framing, frame, loadSample, openDataset, streamSamples, unlabelled } from '../../src/core/data/index.js';
import { gradients } from '../../src/core/graph/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { argmax, type SegmentationDescription, segmentation } from '../../src/core/task/index.js';
import { buildTapCache, requireCounted, type TapCache, trainStage1, validateDecoder } from '../../src/core/train/index.js';
import { greyPng, temporaryFolder, writeStripeFolder } from '../data/fixtures.js';
import { blocked, evaluate, portable } from '../graph/run.js';

const classes = ['unlabelled', 'a', 'b', 'c'];
const described = (ignore?: number): SegmentationDescription => ({ task: 'segmentation', classes, ignore });
const [h, w] = [2, 3];
const random = seededRandom(1);
const logits = Float32Array.from({ length: 4 * h * w }, () => random.normal());
// The unlabelled one would win everywhere.
logits.fill(9, 0, h * w);

/** The label of every pixel of a folder's masks replaced. */
async function recoded(folder: string, code: (label: number) => number): Promise<string> {
  await writeStripeFolder(folder, { train: 10, val: 4 });
  for (const split of ['train', 'val'])
    for (let k = 0; k < (split === 'train' ? 10 : 4); k++) {
      const file = path.join(folder, split, `${k}-mask.png`);
      const { truth } = await loadSample(
        { image: path.join(folder, split, `${k}.png`), mask: file },
        { kind: 'masks', classes: ['a', 'b', 'c'], ignore: 255 },
      );
      if (!('data' in truth)) throw new TypeError('no labels');
      // A corner is not labelled: labels are 1, 2, 3 and `code(0)`.
      const labels = truth.data.map((label, i) => code(i % truth.width < 14 && i < 20 * truth.width ? 0 : label + 1));
      await writeFile(file, greyPng(labels, truth.width, truth.height));
    }
  return folder;
}

describe('a label that is that of a class', () => {
  test('is no part of the loss, nor of its gradient, whichever way it is written', async () => {
    const task = segmentation(described(0));
    const run = (labels: readonly number[], by = task) =>
      evaluate(
        portable,
        { logits: { dims: [1, 4, h, w], data: logits }, target: { dims: [1, h, w], data: Int32Array.from(labels) } },
        (t) => {
          if (!t['logits'] || !t['target']) throw new Error('inputs');
          const loss = by.loss(t['logits'], by.prepareTarget(t['target'], h, w));
          const [gradient] = gradients(loss, [t['logits']]);
          if (!gradient) throw new Error('no gradient');
          return { loss, gradient };
        },
      );
    const zeros = await run([0, 1, 2, 3, 0, 1]);
    expect(zeros).toEqual(await run([unlabelled, 1, 2, 3, unlabelled, 1]));
    expect(zeros).toEqual(await run([255, 1, 2, 3, 255, 1], segmentation(described(255))));
    expect(zeros).not.toEqual(await run([0, 1, 2, 3, 0, 1], segmentation(described(255))));
    // Nothing flows back to what is not labelled.
    for (let c = 0; c < 4; c++) expect([zeros['gradient']?.[c * h * w], zeros['gradient']?.[c * h * w + 4]]).toEqual([0, 0]);
  });

  test('is not counted, and never predicted', () => {
    const task = segmentation(described(0));
    const accumulator = task.accumulator();
    accumulator.add(logits, Uint8Array.of(0, 1, 2, 3, unlabelled, 1), [h, w]);
    const breakdown = accumulator.breakdown();
    if (breakdown.kind !== 'confusion') throw new TypeError('no confusion');
    expect(breakdown.counts.reduce((a, b) => a + b, 0)).toBe(4);
    // Neither a row nor a column of it.
    for (let k = 0; k < 4; k++) expect([breakdown.counts[k], breakdown.counts[4 * k]]).toEqual([0, 0]);
    const seen = task.depict(logits, [h, w], { width: w, height: h });
    expect(seen.kind === 'labels' && seen.data.includes(0)).toBe(false);
    expect(task.countOf(Uint8Array.of(0, 1, 255))).toBe(1);
    // With an ignored label that no class has, all four are predicted.
    const usual = segmentation(described(255)).depict(logits, [h, w], { width: w, height: h });
    expect(usual.kind === 'labels' && usual.data.every((label) => label === 0)).toBe(true);
  });

  test.each([0, 1, 3])('channel %i of a deployed model loses against all others, which stay as they are', async (ignore) => {
    const task = segmentation(described(ignore));
    const { out, learnt } = await evaluate(portable, { logits: { dims: [1, 4, h, w], data: logits } }, (t) => {
      if (!t['logits']) throw new Error('inputs');
      return { out: task.deployed(t['logits']), learnt: task.learnt(t['logits']) };
    });
    if (!out || !learnt) throw new Error('no output');
    expect([...argmax(out, 4, h * w)]).toEqual([...argmax(logits, 4, h * w, ignore)]);
    expect(argmax(out, 4, h * w)).not.toContain(ignore);
    const rest = [0, 1, 2, 3].filter((k) => k !== ignore).flatMap((k) => [...logits.subarray(k * h * w, (k + 1) * h * w)]);
    expect([...learnt]).toEqual(rest);
    const others = [0, 1, 2, 3].filter((k) => k !== ignore).flatMap((k) => [...out.subarray(k * h * w, (k + 1) * h * w)]);
    expect(others).toEqual(rest);
  });

  test('argmax without one class', () => {
    expect([...argmax(Float32Array.of(9, 9, 1, 5, 2, 4), 3, 2, 0)]).toEqual([2, 1]);
    expect([...argmax(Float32Array.of(1, 1, 9, 5, 2, 4), 3, 2, 1)]).toEqual([2, 2]);
    expect([...argmax(Float32Array.of(-1, -1, -2, -3, 9, 9), 3, 2, 2)]).toEqual([0, 0]);
  });
});

describe('0 ignored, and 0 written as 255', async () => {
  const weights = await loadEncoder('movenet');
  const open = (folder: string, ignore: number): Promise<Dataset> => openDataset(folder, { classes: 4, ignore, names: classes });
  const folders = await temporaryFolder();
  await mkdir(folders, { recursive: true });
  const [zero, control] = [
    { dataset: await open(await recoded(path.join(folders, 'zero'), (label) => label), 0), task: segmentation(described(0)) },
    {
      dataset: await open(await recoded(path.join(folders, '255'), (label) => (label === 0 ? 255 : label)), 255),
      task: segmentation(described(255)),
    },
  ];
  const random: Framing = { kind: 'random', side: 30, width: 48, height: 40, scale: [0.6, 1.2], mirror: true };

  test('are the same samples, beyond the picture too', async () => {
    let beyond = 0;
    for (let k = 0; k < 8; k++) {
      const [a, b] = await Promise.all(
        [zero, control].map(async ({ dataset }) => {
          const sample = dataset.train[k];
          if (!sample) throw new Error('no sample');
          return frame(await loadSample(sample, dataset.labelling), random, dataset.labelling, seededRandom(k));
        }),
      );
      expect(a).toEqual(b);
      if (a && 'data' in a.truth) {
        beyond += a.truth.data.filter((label) => label === unlabelled).length;
        expect(a.truth.data).not.toContain(0);
      }
    }
    // The crops reach beyond the pictures: there is more of it than the corners.
    expect(beyond).toBeGreaterThan(8 * 14 * 20);
  });

  test('train the same network, bit for bit, and score it alike', async () => {
    const genotype = parseGenotype('[[1, [0,1,2,9], [1,0,0,3]], [[0,1],[4,0]]]');
    const recipe = {
      epochs: 3,
      batch: 5,
      decoder: { width: 16, sepRepeats: 1, auxiliaryWeight: 0.15 },
      optimiser: { learningRate: 1e-2, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 },
    };
    const cacheOf = ({ dataset, task }: typeof zero, split: 'train' | 'val'): Promise<TapCache> => {
      const requests = dataset[split].map((sample, seed) => ({ sample, seed }));
      const framing: Framing = split === 'train' ? random : { kind: 'resize', width: 48, height: 40 };
      const targets = split === 'train' ? 'training' : 'validation';
      return buildTapCache(portable, streamSamples(requests, framing, dataset.labelling), {
        weights,
        count: requests.length,
        width: 48,
        height: 40,
        task,
        targets,
      });
    };
    const [a, b] = await Promise.all(
      [zero, control].map(async (side) => {
        const { task } = side;
        const trained = await trainStage1(blocked, await cacheOf(side, 'train'), {
          genotype,
          recipe,
          task,
          random: seededRandom(5),
        });
        const scored = { genotype, decoder: recipe.decoder, task, parameters: trained.parameters };
        const { metrics, pictures } = await validateDecoder(blocked, await cacheOf(side, 'val'), { ...scored, pictures: true });
        return { trained, metrics, pictures, reward: task.reward(metrics) };
      }),
    );
    if (!a || !b) throw new Error('two trainings');
    expect(a.trained.losses).toEqual(b.trained.losses);
    expect([...a.trained.parameters]).toEqual([...b.trained.parameters]);
    // As far as the control never says "unlabelled", which it may.
    const saysNone = b.pictures.every(({ depiction: seen }) => seen.kind === 'labels' && !seen.data.includes(0));
    if (saysNone) expect(a.metrics).toEqual(b.metrics);
    expect(a.reward).toBeGreaterThanOrEqual(b.reward);
    expect(a.reward).toBeLessThan(b.reward + 0.05);
    expect(a.pictures.some(({ depiction: seen }) => seen.kind === 'labels' && seen.data.includes(0))).toBe(false);
  });
});

test('nothing to learn from is an error with its remedy, not a loss of 0', () => {
  const task = segmentation(described(0));
  expect(() => requireCounted(task, task.countOf(Uint8Array.of(0, 0, 255)), 'training samples')).toThrow(
    'there is nothing to learn from in any of the training samples: all their pixels have the ignored label, or none; correct data.ignore',
  );
  expect(() => requireCounted(task, task.countOf(Uint8Array.of(0, 0, 1)), 'training samples')).not.toThrow();
});
