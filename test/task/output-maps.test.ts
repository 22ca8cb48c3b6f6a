// What a network gave, read a row at a time, is what a full resize gives; and the size at which networks see photographs.

import { Tensor } from 'onnxruntime-common';
import { describe, expect, test } from 'vitest';
import { input, lowerGraph, resizeBilinear, softmax } from '../../src/core/graph/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { argmax, distortion, inputSizeOf, type OutputMap, OutputMaps, validatedOf, validatedSchema } from '../../src/core/task/index.js';

const runtime = await nodeRuntime({ layout: 'portable' });

function randomMap(channels: number, height: number, width: number, seed: number): OutputMap {
  const random = seededRandom(seed);
  return { channels, height, width, data: Float32Array.from({ length: channels * height * width }, () => 8 * random.next() - 4) };
}

/** By ONNX Runtime's own Resize. */
async function resized({ channels, height, width, data }: OutputMap, h: number, w: number) {
  const map = resizeBilinear(input('map', [1, channels, height, width]), h, w);
  const session = await runtime.open(lowerGraph({ values: map, probabilities: softmax(map) }));
  const results = await session.run({ map: new Tensor('float32', data, [1, channels, height, width]) });
  await session.release();
  return { values: floatsOf(results, 'values'), probabilities: floatsOf(results, 'probabilities') };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - (b[i] ?? Number.NaN))), 0);
}

describe('output maps', () => {
  test('probabilities of a pixel: softmax of the interpolated logits; of several views the mean of theirs', () => {
    // Two pixels in a row, read at four: the second is a quarter of the way.
    const view = (right: number): OutputMap => ({ channels: 2, height: 1, width: 2, data: Float32Array.of(0, right, 0, 0) });
    const logit = (right: number): number => 1 / (1 + Math.exp(-right / 4));
    const size = { width: 4, height: 1 };
    const [first = 0, second = 0] = new OutputMaps([view(2)], 'logits').probabilities(size, 1, 0);
    expect(first).toBeCloseTo(logit(2), 6);
    expect(second).toBeCloseTo(1 - logit(2), 6);
    const [mean = 0] = new OutputMaps([view(2), view(6)], 'logits').probabilities(size, 1, 0);
    expect(mean).toBeCloseTo((logit(2) + logit(6)) / 2, 6);
  });

  test.each([
    [30, 41],
    [7, 9],
    [3, 4],
    [12, 5],
  ])('at %i×%i: values, strips and labels of one view', async (height, width) => {
    const map = randomMap(5, 7, 9, 1);
    const { values } = await resized(map, height, width);
    const maps = new OutputMaps([map], 'logits');
    expect(largestDifference(maps.values({ width, height }), values)).toBeLessThan(1e-5);
    const [first, end] = [1, height - 1];
    const strip = Float32Array.from({ length: 5 * (end - first) * width }, (_, i) => {
      const [c, rest] = [Math.floor(i / ((end - first) * width)), i % ((end - first) * width)];
      return values[(c * height + first) * width + rest] ?? Number.NaN;
    });
    expect(largestDifference(maps.values({ width, height }, first, end), strip)).toBeLessThan(1e-5);
    expect(maps.labels({ width, height })).toEqual(argmax(values, 5, height * width));
  });

  test('views of several sizes are averaged as probabilities, of depth as they are', async () => {
    const views = [randomMap(3, 6, 8, 2), randomMap(3, 9, 12, 3)];
    const [a, b] = await Promise.all(views.map((view) => resized(view, 20, 30)));
    const mean = (x: Float32Array = new Float32Array(), y: Float32Array = new Float32Array()) => x.map((v, i) => (v + (y[i] ?? 0)) / 2);
    const size = { width: 30, height: 20 };
    const probabilities = mean(a?.probabilities, b?.probabilities);
    expect(largestDifference(new OutputMaps(views, 'logits').values(size), probabilities)).toBeLessThan(1e-5);
    expect(new OutputMaps(views, 'logits').labels(size)).toEqual(argmax(probabilities, 3, 600));
    expect(largestDifference(new OutputMaps(views, 'values').values(size), mean(a?.values, b?.values))).toBeLessThan(1e-5);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is an error, not the first class', (value) => {
    const map = randomMap(2, 3, 4, 5);
    map.data[7] = value;
    expect(() => new OutputMaps([map], 'logits')).toThrow(/numbers that are not finite for it \(1 of 24, \[2, 3, 4\]\)/);
  });
});

describe('the size at which a network sees a photograph', () => {
  const image = { width: 4000, height: 3000 };
  test.each([
    [validatedOf({ kind: 'resize', width: 320, height: 176 }), { width: 320, height: 176 }],
    [validatedOf({ kind: 'centre', side: 400, width: 400, height: 400 }), { width: 533, height: 400 }],
    [validatedOf({ kind: 'random', side: 400, width: 300, height: 300, scale: [0.5, 2], mirror: true }), { width: 533, height: 400 }],
    ['native' as const, image],
  ])('%o', (input, size) => {
    expect(inputSizeOf(input ?? 'native', image)).toEqual(size);
  });

  test('of people none is said: their crop is', () => {
    expect(validatedOf({ kind: 'person', width: 192, height: 256, padding: 1.25 })).toBeUndefined();
  });

  test('a panorama stays within what a network holds', () => {
    const centre = { kind: 'centre', aspect: 'kept', side: 400, width: 400, height: 400 } as const;
    expect(inputSizeOf(centre, { width: 30_000, height: 300 })).toEqual({ width: 3200, height: 32 });
    expect(inputSizeOf(centre, { width: 30_000, height: 1 })).toEqual({ width: 3200, height: 1 });
    expect(distortion(centre, image)).toBeCloseTo(1, 2);
    expect(distortion({ kind: 'resize', aspect: 'stretched', width: 400, height: 200 }, { width: 300, height: 300 })).toBeCloseTo(2, 6);
  });

  test('as metadata: what it says of the aspect follows from the kind', () => {
    expect(validatedSchema.parse({ kind: 'resize', width: 3, height: 4 })).toEqual({
      kind: 'resize',
      aspect: 'stretched',
      width: 3,
      height: 4,
    });
    expect(validatedSchema.safeParse({ kind: 'resize', aspect: 'kept', width: 3, height: 4 }).success).toBe(false);
    expect(validatedSchema.safeParse({ kind: 'resize', width: 0, height: 4 }).success).toBe(false);
    expect(validatedSchema.safeParse({ kind: 'resize', width: 1e9, height: 4 }).success).toBe(false);
  });
});
