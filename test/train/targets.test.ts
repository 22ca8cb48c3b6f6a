// What training steps are fed beside taps and images: which samples, in which order, with which targets.

import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/core/data/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { augmentedRequests, joinRows, memoryRows, requireCounted, targetFeed } from '../../src/core/train/index.js';
import { epochRequests } from '../../src/core/train/image-batches.js';
import { createTask } from '../../src/core/task/index.js';
import { maskTask } from '../task/mask-task.js';

const depth = createTask({ task: 'depth', minDepth: 1, maxDepth: 50, unit: 'metre' });
const pose = createTask({ task: 'pose', joints: ['a'], skeleton: [], crop: [24, 32], padding: 1.25, sigma: 2, decoding: 'quarter' });

const samples: Sample[] = Array.from({ length: 5 }, (_, i) => ({ image: `${i}.png`, mask: `${i}-mask.png` }));
const images = (requests: readonly { readonly sample: Sample }[]): string[] => requests.map(({ sample }) => sample.image);
const all = samples.map(({ image }) => image);

describe('draws of samples', () => {
  test('whole passes over the list, each in an order of its own, cut off where there are enough', () => {
    const requests = augmentedRequests(samples, 12, seededRandom(1));
    expect(requests).toHaveLength(12);
    const passes = [images(requests.slice(0, 5)), images(requests.slice(5, 10))];
    for (const pass of passes) expect(pass.toSorted()).toEqual(all);
    expect(passes[0]).not.toEqual(passes[1]);
    expect(new Set(images(requests.slice(10))).size).toBe(2);
    // A seed of its own for every draw, of the same image too.
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(12);
    for (const { seed } of requests) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
    expect(augmentedRequests(samples, 12, seededRandom(1))).toEqual(requests);
    expect(augmentedRequests(samples, 12, seededRandom(2))).not.toEqual(requests);
    // Fewer are the first of more.
    expect(augmentedRequests(samples, 7, seededRandom(1))).toEqual(requests.slice(0, 7));
  });

  test('an epoch: every sample once, in whole batches, as the generator permutes them', () => {
    const order = seededRandom(3);
    const epochs = [epochRequests(samples, 2, order), epochRequests(samples, 2, order)];
    const again = seededRandom(3);
    for (const requests of epochs) {
      const permutation = again.permutation(5).slice(0, 4);
      expect(requests).toEqual(permutation.map((i) => ({ sample: samples[i], seed: again.integer(2 ** 31) })));
    }
    expect(images(epochRequests(samples, 5, seededRandom(1))).toSorted()).toEqual(all);
    expect(epochRequests(samples, 6, seededRandom(1))).toEqual([]);
  });

  test('rows in memory come in the order in which they are named, as copies', () => {
    const values = Float32Array.of(0, 1, 10, 11, 20, 21);
    const rows = memoryRows(values, 2);
    const gathered = rows.gather([2, 0, 2]);
    expect(gathered).toEqual(Float32Array.of(20, 21, 0, 1, 20, 21));
    gathered.fill(7);
    expect(values[4]).toBe(20);
    expect(rows.length).toBe(2);
    rows.close();
  });
});

describe('targets', () => {
  test('rows stand one behind the other, labels as bytes, all else as floats', () => {
    expect(joinRows([Uint8Array.of(1, 2), Uint8Array.of(3, 255)])).toEqual(Uint8Array.of(1, 2, 3, 255));
    expect(joinRows([Float32Array.of(0.5), Float32Array.of(1.5, 2.5)])).toEqual(Float32Array.of(0.5, 1.5, 2.5));
    expect(joinRows([])).toEqual(new Float32Array());
  });

  test('are fed in the form that the loss takes', () => {
    expect(targetFeed(maskTask(3), Uint8Array.of(0, 1, 2, 255, 1, 0, 0, 2, 2, 1, 1, 0), 2, [2, 3])).toEqual({
      data: Int32Array.of(0, 1, 2, 255, 1, 0, 0, 2, 2, 1, 1, 0),
      dims: [2, 2, 3],
    });
    const metres = Float32Array.of(1.5, 0, 2, 7.25);
    expect(targetFeed(depth, metres, 1, [2, 2])).toEqual({ data: metres, dims: [1, ...depth.targetSpec(2, 2).shape] });
  });

  test.each([
    [maskTask(3), /all their pixels have the ignored label, or none; correct data\.ignore or data\.classes in the preset, or the masks$/],
    [pose, /no joint is to be seen in their crops; correct the annotations$/],
    [
      depth,
      /nothing was measured between data\.minDepth and data\.maxDepth; correct these or data\.scale in the preset, or the depth maps$/,
    ],
  ])('of which nothing is learnt are refused, with what to do', (task, remedy) => {
    requireCounted(task, 1, 'training samples');
    const nothing = (): void => requireCounted(task, 0, 'training samples');
    expect(nothing).toThrow('there is nothing to learn from in any of the training samples: ');
    expect(nothing).toThrow(expect.objectContaining({ name: 'UserError', message: expect.stringMatching(remedy) }));
  });
});
