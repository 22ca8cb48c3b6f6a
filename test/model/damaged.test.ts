// Models that see nothing are refused: weights that are not finite, by tensor, and outputs that are not, by image; and images
// for which there is no memory.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  exportNetwork,
  freshNetwork,
  type NetworkWeights,
  networkFile,
  Predictor,
  playgroundModel,
  readNetwork,
  requireMemory,
  requireRoom,
  writeSafetensors,
} from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { maskDescription } from '../task/mask-task.js';

const runtime = await nodeRuntime();
const description = { genotype: parseGenotype(publishedGenotypes.arch1), task: maskDescription(3), width: 16, sepRepeats: 1 };
const image = { width: 40, height: 32, data: new Uint8Array(3 * 40 * 32).fill(90) };

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await temporaryFolder();
});

/** @param value that takes the place of one weight of the last convolution */
function network(value?: number): NetworkWeights {
  const made = freshNetwork(description, seededRandom(3));
  const [name, tensor] = [...made.tensors].findLast(([key]) => key.startsWith('decoder.') && key.endsWith('weight')) ?? [];
  if (name === undefined || !tensor) throw new Error('no weights');
  if (value !== undefined) tensor.data[0] = value;
  return made;
}

describe('weights that are not finite', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s in safetensors', async (value) => {
    await writeSafetensors(at('bad.safetensors'), networkFile(network(value)));
    const message = /bad\.safetensors: 1 of \d+ numbers of decoder\.\S+weight are not finite/;
    await expect(readNetwork(at('bad.safetensors'))).rejects.toThrow(message);
    await expect(Predictor.open(runtime, at('bad.safetensors'))).rejects.toThrow(message);
    await expect(playgroundModel(at('bad.safetensors'))).rejects.toThrow(message);
  });

  test.each([
    ['float32', Number.NaN, false],
    ['float32', Number.NEGATIVE_INFINITY, false],
    ['float16', Number.NaN, true],
    // Beyond what 16 bits hold.
    ['float16', 1e6, true],
  ] as const)('%s of %s in ONNX', async (_, value, half) => {
    await writeFile(at('bad.onnx'), exportNetwork(network(value), { half, norm: 'inference' }));
    await expect(Predictor.open(runtime, at('bad.onnx'))).rejects.toThrow(/bad\.onnx: 1 of \d+ numbers of \S+ are not finite/);
    await expect(playgroundModel(at('bad.onnx'))).rejects.toThrow(/not finite/);
  });

  test('a sound one is opened', async () => {
    await writeFile(at('good.onnx'), exportNetwork(network(), { half: true }));
    await (await Predictor.open(runtime, at('good.onnx'))).close();
  });
});

test('an output that is not finite is an error, not background', async () => {
  // Finite weights whose sums are not.
  const huge = network();
  for (const [name, { data }] of huge.tensors) if (/^decoder\..*weight$/.test(name)) data.fill(1e38);
  await writeSafetensors(at('huge.safetensors'), networkFile(huge));
  const predictor = await Predictor.open(runtime, at('huge.safetensors'));
  await expect(predictor.depict(image)).rejects.toThrow(/gives numbers that are not finite for it \(\d+ of \d+, \[3, \d+, \d+\]\)/);
  await predictor.close();
});

test('an image that cannot be held is refused before it is tried', () => {
  requireMemory({ width: 400, height: 300 }, 2 ** 30);
  expect(() => requireMemory({ width: 4000, height: 3000 }, 2 ** 30)).toThrow(
    /about 5\.6 GiB for an image of 4000×3000, 1\.0 GiB are free/,
  );
  requireRoom('a.jpg', { width: 4000, height: 3000 }, 2 ** 30);
  expect(() => requireRoom('a.jpg', { width: 40_000, height: 30_000 }, 2 ** 30)).toThrow(
    /a\.jpg: a picture of 40000×30000 takes about 26\.8 GiB/,
  );
});
