// What search, training and pages ask of every task. A fourth one is a line in `tasks`.

import { describe, expect, test } from 'vitest';
import type { Person, Truth } from '../../src/core/data/index.js';
import { gradients } from '../../src/core/graph/index.js';
import {
  channelNames,
  depthTask,
  mirroredChannels,
  poseTask,
  segmentation,
  type Task,
  type TaskName,
  taskDescriptionSchema,
  taskNames,
  taskTraits,
} from '../../src/core/task/index.js';
import { evaluate, portable } from '../graph/run.js';

interface Known {
  readonly task: Task;
  /** Of an image of `image`'s size. */
  readonly truth: Truth;
  /** A truth of which nothing is known. */
  readonly nothing: Truth;
  /** What a network that knows the truth gives, for maps of `h` × `w`. */
  perfect(targets: Uint8Array | Float32Array, h: number, w: number): Promise<Float32Array>;
}

const image = { width: 96, height: 128 };
const pixels = image.width * image.height;
const left = (i: number): boolean => i % image.width < image.width / 2;

const person = (visible: number): Person => ({
  box: { left: 0, top: 0, ...image },
  joints: Float32Array.of(20, 30, visible, 70, 90, visible, 48, 64, visible),
  area: 5000,
  headSize: 0,
  boxSize: 100,
  image: 0,
  original: { scale: 1, left: 0, top: 0 },
});

const pose = poseTask(
  {
    task: 'pose',
    joints: ['left_a', 'right_a', 'b'],
    skeleton: [[0, 1]],
    crop: [96, 128],
    padding: 1.25,
    sigma: 2,
    decoding: 'quarter',
    mirrorPairs: [[0, 1]],
  },
  { reward: 'pckBox' },
);

const tasks: Readonly<Record<TaskName, Known>> = {
  segmentation: {
    task: segmentation({ task: 'segmentation', classes: ['a', 'b', 'c'], ignore: 255 }),
    truth: { ...image, data: Uint8Array.from({ length: pixels }, (_, i) => (left(i) ? 0 : 1)) },
    nothing: { ...image, data: new Uint8Array(pixels).fill(255) },
    perfect: async (labels, h, w) =>
      Float32Array.from({ length: 3 * h * w }, (_, i) => (labels[i % (h * w)] === Math.floor(i / (h * w)) ? 9 : -9)),
  },
  pose: {
    task: pose,
    truth: person(1),
    nothing: person(0),
    perfect: async (data, h, w) => {
      const dims = [1, ...pose.targetSpec(h, w).shape];
      const { maps } = await evaluate(portable, { target: { dims, data: Float32Array.from(data) } }, ({ target }) => {
        const [heatmaps] = target ? pose.prepareTarget(target, h, w) : [];
        if (!heatmaps) throw new Error('no maps');
        return { maps: heatmaps };
      });
      return maps ?? new Float32Array();
    },
  },
  depth: {
    task: depthTask({ task: 'depth', minDepth: 1, maxDepth: 10, unit: 'metre' }),
    truth: { ...image, metres: Float32Array.from({ length: pixels }, (_, i) => (left(i) ? 2 : 8)) },
    nothing: { ...image, metres: new Float32Array(pixels) },
    perfect: async (metres) => Float32Array.from(metres),
  },
};

/** Of one head, and its gradient by the output. */
async function lossOf(task: Task, output: Float32Array, targets: Uint8Array | Float32Array, [h, w]: readonly [number, number]) {
  const { shape, dtype } = task.targetSpec(h, w);
  const data = dtype === 'int32' ? Int32Array.from(targets) : Float32Array.from(targets);
  const values = { output: { dims: [1, task.outputs, h, w], data: output }, target: { dims: [1, ...shape], data } };
  return evaluate(portable, values, ({ output: given, target }) => {
    if (!given || !target) throw new Error('inputs');
    const loss = task.loss(given, task.prepareTarget(target, h, w));
    const [gradient] = gradients(loss, [given]);
    if (!gradient) throw new Error('no gradient');
    return { loss, gradient };
  });
}

test('every task is here', () => {
  expect(Object.keys(tasks).toSorted()).toEqual([...taskNames].toSorted());
});

describe.each(Object.entries(tasks))('%s', (name, { task, truth, nothing, perfect }) => {
  const shape = task.validationShape(image.height, image.width);
  const [h, w] = shape;
  const encoded = (of: Truth) => task.encodeTruth(of, h, w, image);

  test('says itself what it is: a channel a name, and a description that is the same once it was written', () => {
    expect(task.description.task).toBe(name);
    expect(channelNames(task.description)).toHaveLength(task.outputs);
    expect([...mirroredChannels(task.description)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: task.outputs }, (_, k) => k));
    expect(taskDescriptionSchema.parse(JSON.parse(JSON.stringify(task.description)))).toEqual(task.description);
  });

  test('a target has the form that the loss takes, and counts what is known', () => {
    const [, ...rest] = [1, ...task.targetSpec(h, w).shape];
    expect(encoded(truth)).toHaveLength(rest.reduce((n, d) => n * d, 1));
    expect(task.countOf(encoded(truth))).toBeGreaterThan(0);
    expect(task.countOf(encoded(nothing))).toBe(0);
  });

  test('who knows the truth loses less and is rewarded more than who does not', async () => {
    const targets = encoded(truth);
    const right = await perfect(targets, h, w);
    // As if the image had been upside down and mirrored.
    const wrong = right.slice().reverse();
    const [low, high] = [await lossOf(task, right, targets, shape), await lossOf(task, wrong, targets, shape)];
    expect(low['loss']?.[0]).toBeLessThan(high['loss']?.[0] ?? 0);
    expect(high['gradient']?.every(Number.isFinite)).toBe(true);
    expect(high['gradient']?.some((g) => g !== 0)).toBe(true);
    const rewardOf = (output: Float32Array): number => {
      const accumulator = task.accumulator();
      expect(accumulator.hasCounted()).toBe(false);
      accumulator.add(output, targets, shape);
      expect(accumulator.hasCounted()).toBe(true);
      expect(Object.keys(accumulator.result())).toContain(task.score);
      return task.reward(accumulator.result());
    };
    const [most, less] = [rewardOf(right), rewardOf(wrong)];
    expect(most).toBeCloseTo(1, 5);
    expect(less).toBeGreaterThanOrEqual(0);
    expect(less).toBeLessThan(most);
  });

  test('where nothing is known, nothing is learnt and nothing counted', async () => {
    const output = await perfect(encoded(truth), h, w);
    const { gradient } = await lossOf(task, output, encoded(nothing), shape);
    expect(gradient?.every((g) => g === 0)).toBe(true);
    const accumulator = task.accumulator();
    accumulator.add(output, encoded(nothing), shape);
    expect(accumulator.hasCounted()).toBe(false);
  });

  test("output and truth are depicted alike, in the image's pixels", async () => {
    const seen = task.depict(await perfect(encoded(truth), h, w), shape, image);
    const known = task.depictTruth(truth);
    expect([seen.kind, known.kind]).toEqual([taskTraits[task.description.task].depicts, taskTraits[task.description.task].depicts]);
    expect([seen.width, seen.height]).toEqual([image.width, image.height]);
  });
});
