// A model's figures over a list: image by image, in strips where the maps are large, at the size of what is known.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dataset, frame, loadSample, openDataset, type Person, type Sample } from '../../src/core/data/index.js';
import { evaluateModel, loadForModel } from '../../src/core/fit/index.js';
import { cardOfModel, exportNetwork, freshNetwork, type NetworkWeights, Predictor } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { createTask, type MetricAccumulator, type Task } from '../../src/core/task/index.js';
import { temporaryFolder, writePhoto, writeStripeFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { maskDescription, maskTask } from '../task/mask-task.js';

const folder = await temporaryFolder();
const [width, height] = [160, 120];
/** So many that a picture's maps do not fit into a strip: 2²² / (250 · 160) is 104 rows. */
const classes = 250;

function descriptionOf(outputs: number): Parameters<typeof freshNetwork>[0] {
  return { genotype: parseGenotype('[[1], [[0,1]]]'), task: maskDescription(outputs), width: 8, sepRepeats: 1 };
}

async function predictorFrom(network: NetworkWeights): Promise<Predictor> {
  const model = exportNetwork(network);
  return Predictor.of(portable, model, cardOfModel(model, 'test'), 'test');
}

/** Of many thousand counts: compared as one text. */
const textOf = (accumulator: MetricAccumulator): string => JSON.stringify(accumulator.breakdown());

const predictorOf = (outputs: number): Promise<Predictor> => predictorFrom(freshNetwork(descriptionOf(outputs), seededRandom(3)));

describe('a list of images', () => {
  let dataset: Dataset;
  let predictor: Predictor;
  beforeAll(async () => {
    await writeStripeFolder(folder, { train: 1, val: 3 }, width, height);
    dataset = await openDataset(folder, { classes, ignore: 255 });
    predictor = await predictorOf(classes);
  });
  afterAll(() => predictor.close());

  /** All of the maps at once, without strips. */
  async function counted(samples: readonly Sample[], task: Task = predictor.task): Promise<MetricAccumulator> {
    const accumulator = task.accumulator();
    for (const sample of samples) {
      const { image, truth } = await loadSample(sample, dataset.labelling);
      const maps = await predictor.look(image);
      accumulator.add(maps.values({ width, height }), task.encodeTruth(truth, height, width, image), [height, width]);
    }
    return accumulator;
  }

  test('counts every pixel of every image once, strip by strip; each image alone, and how far it is', async () => {
    const { val: samples, labelling } = dataset;
    const alone: string[][] = [];
    const progress: number[] = [];
    const { accumulator, images } = await evaluateModel(predictor, samples, {
      labelling,
      onProgress: (done) => progress.push(done),
      onImage: (sample, one) => alone.push([sample.image, textOf(one)]),
    });
    expect(images).toBe(3);
    expect(progress).toEqual([1, 2, 3]);
    const expected = await counted(samples);
    expect(accumulator.result()).toEqual(expected.result());
    expect(textOf(accumulator)).toBe(textOf(expected));
    expect(textOf(expected)).toMatch(/^\{"kind":"confusion","counts":\[/);
    const each = await Promise.all(samples.map(async (sample) => [sample.image, textOf(await counted([sample]))]));
    expect(alone).toEqual(each);
  });

  test('by another task than its own, where one is given', async () => {
    const [sample] = dataset.val;
    if (!sample) throw new Error('no sample');
    // Without one class: what is measured is not what the model says of itself.
    const task = maskTask(classes, { excluded: [0] });
    const { accumulator } = await evaluateModel(predictor, [sample], { labelling: dataset.labelling, task });
    expect(accumulator.result()).toEqual((await counted([sample], task)).result());
  });

  test('ends between two images when it is told to', async () => {
    const abort = new AbortController();
    const { val: samples, labelling } = dataset;
    const onProgress = (done: number): void => {
      if (done === 2) abort.abort();
    };
    const { accumulator, images } = await evaluateModel(predictor, samples, { labelling, onProgress, signal: abort.signal });
    expect(images).toBe(2);
    expect(accumulator.result()).toEqual((await counted(samples.slice(0, 2))).result());
  });

  test('an image that the model cannot be run on is named', async () => {
    const network = freshNetwork(descriptionOf(3), seededRandom(3));
    for (const [name, { data }] of network.tensors) if (/^decoder\..*weight$/.test(name)) data.fill(1e38);
    const wild = await predictorFrom(network);
    const { val: samples, labelling } = dataset;
    await expect(evaluateModel(wild, samples, { labelling })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^.*val\/0\.png: .*not finite/),
    });
    await wild.close();
  });
});

test('a pose network is shown the crop around the person, the same every time; others the image as it is', async () => {
  const image = path.join(folder, 'people.png');
  await writePhoto(image, 100, 80);
  const person: Person = {
    box: { left: 20, top: 10, width: 40, height: 60 },
    joints: Float32Array.of(30, 20, 1, 50, 60, 1),
    area: 2400,
    headSize: 0,
    boxSize: 60,
    image: 0,
    original: { scale: 1, left: 0, top: 0 },
  };
  const labelling = { kind: 'joints', joints: ['a', 'b'] } as const;
  const description = {
    task: 'pose',
    joints: ['a', 'b'],
    skeleton: [],
    crop: [24, 32],
    padding: 1.25,
    sigma: 2,
    decoding: 'quarter',
  } as const;
  const pose = createTask({ ...description, joints: [...description.joints], skeleton: [], crop: [24, 32] });
  const seen = await loadForModel({ image, person }, pose, labelling);
  expect(seen.image).toMatchObject({ width: 24, height: 32 });
  const whole = await loadSample({ image, person }, labelling);
  expect(seen).toEqual(await frame(whole, { kind: 'person', width: 24, height: 32, padding: 1.25 }, labelling, seededRandom(77)));
  expect(seen).not.toEqual(await frame(whole, { kind: 'person', width: 24, height: 32, padding: 1 }, labelling, seededRandom(0)));
  expect(await loadForModel({ image, person }, maskTask(3), labelling)).toEqual(whole);
});
