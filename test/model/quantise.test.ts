// The ranges that maps are rounded in: the mean of the images' extremes, with 0 in them as a whole number of steps.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { RgbImage } from '../../src/data/index.js';
import { exportNetwork, freshNetwork, quantiseNetwork } from '../../src/model/index.js';
import { seededRandom } from '../../src/random/index.js';
import { floatsOf } from '../../src/runtime/index.js';
import { parseGenotype } from '../../src/space/index.js';
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
// v / 127.5 − 1: the numbers below are easy then.
const network = {
  ...fresh,
  description: { ...fresh.description, normalisation: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const },
};

const holds = (model: Uint8Array, ...values: readonly number[]): boolean =>
  Buffer.from(model).includes(Buffer.from(Float32Array.from(values).buffer));

test('the scale of a map is that of the mean extremes of the images, and 0 lies between them', async () => {
  // −1 … 1; and 0.6 throughout, whose range begins at 0. On the mean −0.5 … 0.8.
  const images = [picture((i) => (i % 2 === 0 ? 0 : 255)), picture(() => 204)];
  const model = await quantiseNetwork(portable, network, pictures(...images), { threads: 1 });
  expect(holds(model, 1.3 / 255)).toBe(true);
  expect(holds(model, 2 / 255)).toBe(false);
  const alone = await quantiseNetwork(portable, network, pictures(images[0] ?? picture(() => 0)), { threads: 1 });
  expect(holds(alone, 2 / 255)).toBe(true);
  await expect(quantiseNetwork(portable, network, pictures(), { threads: 1 })).rejects.toThrow('no image to calibrate on');
});

test('in 8 bits it gives what it gives in 32, but for rounding', async () => {
  const random = seededRandom(3);
  const image = picture(() => random.integer(256));
  const run = async (model: Uint8Array): Promise<Float32Array> => {
    const session = await portable.open(model);
    const planes = new Float32Array(3 * width * height);
    image.data.forEach((v, i) => {
      planes[(i % 3) * width * height + Math.floor(i / 3)] = v / 127.5 - 1;
    });
    const result = floatsOf(await session.run({ image: new OrtTensor('float32', planes, [1, 3, height, width]) }), 'logits').slice();
    await session.release();
    return result;
  };
  const exact = await run(exportNetwork(network));
  const rounded = await run(await quantiseNetwork(portable, network, pictures(image), { threads: 1 }));
  const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((n, v) => n + v * v, 0));
  const mean = exact.reduce((a, b) => a + b, 0) / exact.length;
  const difference = norm(Array.from(exact, (v, i) => v - (rounded[i] ?? Number.NaN)));
  expect(difference / norm(Array.from(exact, (v) => v - mean))).toBeLessThan(0.2);
});
