// Validation images judged one by one: each has the score that it has when it is validated alone.

import { expect, test } from 'vitest';
import { input } from '../../src/core/graph/index.js';
import { loadEncoder } from '../../src/core/model/index.js';
import { buildNetwork, initialise, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { segmentation } from '../../src/core/task/index.js';
import { type ImageSet, loadImageSet, validateNetwork } from '../../src/core/train/index.js';
import { portable } from '../graph/run.js';

test('scores of single images are theirs, in batches that do not end with the set', async () => {
  const [height, width, count] = [32, 48, 5];
  const task = segmentation({ task: 'segmentation', classes: ['a', 'b', 'c'], ignore: 255 });
  const random = seededRandom(3);
  const bytes = (length: number, below: number): Uint8Array => Uint8Array.from({ length }, () => random.integer(below));
  async function* samples(from: number, to: number) {
    for (let k = from; k < to; k++) yield all[k] ?? fail();
  }
  const fail = (): never => {
    throw new Error('no such sample');
  };
  const all = Array.from({ length: count }, (_, k) => ({
    image: { width, height, channels: 3 as const, data: bytes(3 * width * height, 40 * (k + 1)) },
    // More of the first class in every further image.
    truth: {
      width,
      height,
      data: Uint8Array.from({ length: width * height }, () => (random.integer(k + 2) === 0 ? random.integer(3) : 0)),
    },
  }));
  const set = (from: number, to: number): Promise<ImageSet> => loadImageSet(samples(from, to), task, height, width);

  const encoder = await loadEncoder('movenet');
  const decoder = { width: 8, sepRepeats: 1, auxiliaryWeight: 0.15 };
  const genotype = parseGenotype('[[1,[0,1,2,9]],[[0,3]]]');
  const scope = Scope.root('inference');
  buildNetwork(scope, input('image', [1, 3, height, width]), {
    genotype,
    encoder: encoder.options,
    decoder: { outputs: task.outputs, ...decoder },
  });
  const parameters = initialise(scope.parameters, random.fork('weights'));
  const options = { genotype, decoder, task, parameters, batch: 2 };

  const together = await validateNetwork(portable, await set(0, count), encoder, { ...options, pictures: [0, 1, 2, 3, 4] });
  expect(together.pictures.map(({ image }) => image)).toEqual([0, 1, 2, 3, 4]);
  const scores = together.pictures.map(({ score }) => score);
  expect(new Set(scores).size).toBe(count);
  for (let k = 0; k < count; k++) {
    const alone = await validateNetwork(portable, await set(k, k + 1), encoder, options);
    expect(alone.pictures).toEqual([]);
    expect(scores[k], `image ${k}`).toBeCloseTo(alone.metrics['meanIoU'] ?? Number.NaN, 6);
  }
});
