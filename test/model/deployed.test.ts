// Models of fixed size and of older operator sets: the same outputs, nothing left that could be computed beforehand, and read by importers that are
// not ours.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/core/errors/index.js';
import { input } from '../../src/core/graph/index.js';
import { type ExportOptions, exportNetwork, type NetworkWeights, quantiseNetwork } from '../../src/core/model/index.js';
import { buildNetwork, imagenetNormalisation, Scope, torchEncoder } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { handDesignedNames, parseArchitecture } from '../../src/core/space/index.js';
import { channelNames, type TaskDescription } from '../../src/core/task/index.js';
import { seenAt } from '../../src/library/export-model.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { perturbedParameters, randomFloats } from '../parity/values.js';
import { importers, type Reading, readByOthers } from './importers.js';

const folder = await temporaryFolder();
const segmentation: TaskDescription = { task: 'segmentation', classes: ['road', 'sky', 'car', 'tree', 'pole'] };
const tasks: readonly TaskDescription[] = [
  segmentation,
  { task: 'depth', minDepth: 0.5, maxDepth: 10, unit: 'metre' },
  {
    task: 'pose',
    joints: ['head', 'left hand', 'right hand'],
    skeleton: [],
    crop: [176, 136],
    padding: 1.25,
    sigma: 1.5,
    decoding: 'quarter',
  },
];
/** No tap is twice the one before: 17 rows, 9, 5. */
const size = { width: 176, height: 136 };

/** With batch normalisation away from the identity, so that outputs differ from pixel to pixel. */
function network(name: string, task: TaskDescription, padding: 'torch' | 'tf-same' = 'torch'): NetworkWeights {
  const scope = Scope.root('inference');
  const description = { genotype: parseArchitecture(name), task, width: 48, sepRepeats: 1, padding, normalisation: imagenetNormalisation };
  const decoder = { outputs: channelNames(task).length, width: 48, sepRepeats: 1 };
  buildNetwork(scope, input('image', [1, 3, 64, 64]), { genotype: description.genotype, encoder: torchEncoder, decoder });
  const values = perturbedParameters(scope.parameters, seededRandom(5).fork(name));
  const tensors = scope.parameters.map(({ name, shape }) => [name, { shape, data: values.get(name) ?? new Float32Array() }] as const);
  return { description, tensors: new Map(tensors) };
}

const image = randomFloats(seededRandom(1), [1, 3, size.height, size.width], 0, 255);

async function run(model: Uint8Array): Promise<Float32Array> {
  const session = await portable.open(model);
  try {
    return floatsOf(await session.run({ image }), 'logits');
  } finally {
    await session.release();
  }
}

/** The largest difference, where the largest value is 1. */
function apart(actual: ArrayLike<number>, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return expected.reduce((m, v, i) => Math.max(m, Math.abs(v - (actual[i] ?? Number.NaN))), 0) / scale;
}

const usual: ExportOptions = { upsample: true, normalise: true };
const cases = [
  ...['arch0', 'arch1', 'arch2'].map((name, i) => [name, tasks[i] ?? segmentation] as const),
  ...handDesignedNames.map((name) => [name, segmentation] as const),
];

describe('a model of fixed size', () => {
  test.each(cases)('%s: gives what the open one does, in every operator set', async (name, task) => {
    const made = network(name, task, name === 'arch1' ? 'tf-same' : 'torch');
    const expected = await run(exportNetwork(made, usual));
    const deviation = Math.sqrt(
      expected.reduce((n, v) => n + v * v, 0) / expected.length - (expected.reduce((n, v) => n + v, 0) / expected.length) ** 2,
    );
    expect(deviation / expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0)).toBeGreaterThan(0.01);
    for (const opset of [11, 12, 13, 15, 18])
      expect(apart(await run(exportNetwork(made, { ...usual, size, opset })), expected), `opset ${opset}`).toBeLessThan(1e-5);
    // The older ones need no fixed size.
    expect(apart(await run(exportNetwork(made, { ...usual, opset: 11 })), expected)).toBeLessThan(1e-5);
  });

  test('in half precision too', async () => {
    const made = network('arch1', segmentation);
    const expected = await run(exportNetwork(made, usual));
    for (const opset of [11, 18])
      expect(apart(await run(exportNetwork(made, { ...usual, size, opset, half: true })), expected)).toBeLessThan(0.05);
  });

  test('is used at that size, whatever it was validated at', () => {
    const task = { ...segmentation, validated: { kind: 'centre', aspect: 'kept', side: 400, width: 400, height: 400 } } as const;
    expect(seenAt(network('lr-aspp', task), size).description.task).toMatchObject({ validated: { kind: 'resize', ...size } });
    expect(seenAt(network('lr-aspp', task), undefined).description.task).toEqual(task);
    const pose = network('lr-aspp', tasks[2] ?? segmentation);
    expect(seenAt(pose, size)).toBe(pose);
    expect(() => seenAt(pose, { width: 64, height: 64 })).toThrow('crops of 176×136');
  });

  test('operator sets that are none, and 8 bits in one that has no scale a channel', async () => {
    const made = network('lr-aspp', segmentation);
    for (const opset of [10, 19, 0]) expect(() => exportNetwork(made, { opset })).toThrow(UserError);
    const images = async function* () {};
    await expect(quantiseNetwork(portable, made, images(), { opset: 12 })).rejects.toThrow('from 13 on');
  });
});

describe.skipIf(importers === undefined)('read by others', () => {
  const written = async (name: string, model: Uint8Array): Promise<string> => {
    const file = path.join(folder, `${name}.onnx`);
    await writeFile(file, model);
    return file;
  };
  const older = ([name, task]: (typeof cases)[number]): Uint8Array =>
    exportNetwork(network(name, task, name === 'arch1' ? 'tf-same' : 'torch'), { ...usual, size, opset: 11 });
  let readings: readonly Reading[] = [];
  beforeAll(async () => {
    const files = await Promise.all(cases.map(async (one) => ({ file: await written(`${one[0]}-opencv`, older(one)), x: image })));
    readings = readByOthers(importers ?? '', files);
  });

  test.each(cases.map((one, i) => [one[0], one, i] as const))(
    '%s: OpenCV gives what ONNX Runtime does; onnx.checker has nothing to say, and nothing is left to fold',
    async (_name, one, i) => {
      const reading = readings[i];
      expect(reading).toMatchObject({ problem: null, opset: 11, unfolded: [] });
      expect(reading?.refused).toBeUndefined();
      expect(reading?.output?.dims).toEqual([1, channelNames(one[1]).length, size.height, size.width]);
      expect(apart(reading?.output?.data ?? [], await run(older(one)))).toBeLessThan(1e-4);
    },
  );

  test('operator sets 11 to 18: onnx.checker has nothing to say, and no shape is computed where the size is fixed', async () => {
    const made = network('arch0', segmentation);
    const forms = [11, 12, 13, 14, 15, 16, 17, 18].flatMap((opset) => [
      { opset, size },
      ...(opset === 11 || opset === 18 ? [{ opset, size: undefined }] : []),
    ]);
    const files = forms.map((form, i) => written(`set-${i}`, exportNetwork(made, { ...usual, ...form })));
    const found = readByOthers(
      importers ?? '',
      (await Promise.all(files)).map((file) => ({ file })),
    );
    found.forEach((reading, i) => {
      expect(reading).toMatchObject({ problem: null, opset: forms[i]?.opset });
      expect(reading.ops.includes('Shape')).toBe(forms[i]?.size === undefined);
      if (forms[i]?.size) expect(reading.unfolded).toEqual([]);
    });
    expect(found.length).toBe(forms.length);
  });
});
