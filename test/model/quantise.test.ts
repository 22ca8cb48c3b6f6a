// The ranges that maps are rounded in: the mean of the images' extremes, with 0 in them as a whole number of steps.

import { expect, test } from 'vitest';
import type { RgbImage } from '../../src/core/data/index.js';
import { freshNetwork, joinNetwork, loadEncoder, quantiseNetwork } from '../../src/core/model/index.js';
import { quantisation } from '../../src/core/model/quantise.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { portable } from '../graph/run.js';
import { maskDescription } from '../task/mask-task.js';

const [width, height] = [64, 32];
const picture = (valueAt: (i: number) => number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => valueAt(i)),
});
async function* pictures(...images: readonly RgbImage[]): AsyncGenerator<RgbImage> {
  yield* images;
}

const description = { genotype: parseGenotype('[[1, [0,1,2,4]], [[0,2]]]'), task: maskDescription(3), width: 8, sepRepeats: 1 };
const fresh = freshNetwork(description, seededRandom(1));
// A pretrained encoder, which tells pixels apart; it takes v / 127.5 − 1: the numbers below are easy then.
const decoder = new Map([...fresh.tensors].map(([name, { data }]) => [name, data]));
const network = joinNetwork(await loadEncoder('movenet'), decoder, description);

const holds = (model: Uint8Array, ...values: readonly number[]): boolean =>
  Buffer.from(model).includes(Buffer.from(Float32Array.from(values).buffer));

test('the scale of a map is that of the mean extremes of the images, and 0 lies between them', async () => {
  // −1 … 1; and −0.2 … 0.6. On the mean −0.6 … 0.8.
  const images = [picture((i) => (i % 2 === 0 ? 0 : 255)), picture((i) => (i % 2 === 0 ? 102 : 204))];
  const model = await quantiseNetwork(portable, network, pictures(...images));
  expect(holds(model, 1.4 / 255)).toBe(true);
  expect(holds(model, 2 / 255)).toBe(false);
  const alone = await quantiseNetwork(portable, network, pictures(images[0] ?? picture(() => 0)));
  expect(holds(alone, 2 / 255)).toBe(true);
  await expect(quantiseNetwork(portable, network, pictures())).rejects.toThrow('no image to calibrate on');
});

test('zero is a whole step: −low in steps of the scale', () => {
  expect(quantisation(-0.6, 0.8)).toEqual({ scale: expect.closeTo(1.4 / 255, 12), zeroPoint: Math.round((0.6 * 255) / 1.4) });
  expect(quantisation(0, 6)).toEqual({ scale: expect.closeTo(6 / 255, 12), zeroPoint: 0 });
  expect(quantisation(-2, 0)).toEqual({ scale: expect.closeTo(2 / 255, 12), zeroPoint: 255 });
  // A map that is 0 throughout.
  expect(quantisation(0, 0)).toEqual({ scale: expect.closeTo(1e-6 / 255, 15), zeroPoint: 0 });
});
