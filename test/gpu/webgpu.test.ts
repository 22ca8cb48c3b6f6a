// WebGPU beside the processor: every op with its gradients, convolutions of all numbers of channels, and whole training steps.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { conv2d, type Target } from '../../src/core/graph/index.js';
import { initialise, torchEncoder } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf, type Runtime } from '../../src/core/runtime/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { createTask, type Task } from '../../src/core/task/index.js';
import { buildTrainingStep, nextName, type StepInputs } from '../../src/core/train/index.js';
import { behindOp, ops, opValues } from '../graph/all-ops.js';
import { blocked, evaluate, portable, type Value } from '../graph/run.js';
import { randomFloats, randomLabels } from '../parity/values.js';
import { thorough } from '../thorough.js';
import { webgpuRuntime } from './device.js';

const found = await webgpuRuntime();
const gpu: Runtime = typeof found === 'string' ? portable : found;
if (typeof found === 'string') console.warn(`WebGPU is not tested: ${found}`);

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((n, v) => n + v * v, 0));

function apart(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  return norm(Array.from(expected, (v, i) => v - (actual?.[i] ?? Number.NaN))) / Math.max(norm(expected), 1e-12);
}

describe.skipIf(typeof found === 'string')('on WebGPU', () => {
  describe('21 channels', () => {
    const c = 21;
    test.skipIf(!thorough).each(Object.entries(ops))('%s, and the gradients through it', async (_name, op) => {
      const values = opValues(c, seededRandom(c));
      const graph = (t: Parameters<typeof behindOp>[1]) => {
        const { z, dx, dw } = behindOp(op, t);
        return { z, ...(dx && { dx }), ...(dw && { dw }) };
      };
      const [expected, actual] = [await evaluate(portable, values, graph), await evaluate(gpu, values, graph)];
      for (const [name, data] of Object.entries(expected)) expect(apart(actual[name], data), name).toBeLessThan(1e-4);
    });
  });

  // ONNX Runtime's kernels differ by what the numbers of channels can be divided by.
  const channels = thorough ? Array.from({ length: 35 }, (_, i) => i + 2) : [3, 8];
  test.each(thorough ? [3, 1] : [3])('convolutions with kernels of %i and 2 to 36 input channels', async (k) => {
    const random = seededRandom(k);
    for (const c of channels) {
      const values: Record<string, Value> = { x: randomFloats(random, [2, c, 8, 8]), w: randomFloats(random, [16, c, k, k]) };
      const graph = ({ x, w }: Parameters<typeof behindOp>[1]) => {
        if (!x || !w) throw new Error('an input is missing');
        return { y: conv2d(x, w, { padding: (k - 1) / 2 }) };
      };
      const [expected, actual] = [await evaluate(portable, values, graph), await evaluate(gpu, values, graph)];
      expect(apart(actual['y'], expected['y'] ?? []), `${c} channels`).toBeLessThan(1e-5);
    }
  });

  const taps: StepInputs = {
    kind: 'taps',
    shapes: [
      [24, 12, 16],
      [32, 6, 8],
      [96, 3, 4],
      [320, 2, 2],
    ],
  };
  const images: StepInputs = {
    kind: 'images',
    height: 64,
    width: 96,
    encoder: torchEncoder,
    recipe: { learningRate: 1e-3, momentum: 0.9, weightDecay: 1e-5, clipNorm: 3, batchNorm: 'trained' },
  };
  const classes = (n: number): Task => createTask({ task: 'segmentation', classes: Array.from({ length: n }, (_, k) => `class ${k}`) });

  const steps = [
    ['arch1', 21, taps, 0.3],
    ['arch1', 11, images, 0],
    ['arch0', 11, taps, 0],
    ['arch2', 9, taps, 0],
  ] as const;

  test.each(thorough ? steps : steps.slice(0, 1))('a step of %s with %i classes', async (arch, outputs, inputs, distillation) => {
    const task = classes(outputs);
    const batch = 4;
    const targetShape = inputs.kind === 'taps' ? ([12, 16] as const) : ([16, 24] as const);
    const build = (target: Target) =>
      buildTrainingStep({
        genotype: parseGenotype(publishedGenotypes[arch]),
        decoder: { width: 48, sepRepeats: 1, auxiliaryWeight: 0.15 },
        optimiser: { learningRate: 3e-3, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 },
        task,
        batch,
        inputs,
        targetShape,
        distillation,
        target,
      });
    const random = seededRandom(7);
    const first = build(portable.target);
    const initial = initialise(
      first.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : [])),
      random.fork('initial'),
    );
    const [h, w] = targetShape;
    const feeds: Record<string, Value> = {
      ...(inputs.kind === 'taps'
        ? Object.fromEntries(inputs.shapes.map((shape, i) => [`tap${i}`, randomFloats(random, [batch, ...shape])]))
        : { image: randomFloats(random, [batch, 3, inputs.height, inputs.width]) }),
      target: randomLabels(random, [batch, h, w], outputs),
      ...(distillation > 0 && { teacher: randomFloats(random, [batch, outputs, h, w]) }),
      learningRate: { dims: [], data: Float32Array.of(3e-3) },
      encoderLearningRate: { dims: [], data: Float32Array.of(1e-3) },
      bias1: { dims: [], data: Float32Array.of(1 - 0.9) },
      bias2: { dims: [], data: Float32Array.of(1 - 0.999) },
    };
    const oneStep = async (runtime: Runtime): Promise<Map<string, Float32Array>> => {
      const step = build(runtime.target);
      const session = await runtime.open(step.model, { purpose: 'training' });
      const state = step.state.map(({ name, layout, start }): [string, Value] => {
        const data = start === 'values' ? layout.flatten(initial) : new Float32Array(layout.length);
        return [name, { dims: [data.length], data }];
      });
      const fed = Object.entries({ ...feeds, ...Object.fromEntries(state) }).filter(([name]) => session.inputNames.includes(name));
      const results = await session.run(
        Object.fromEntries(
          fed.map(([name, { data, dims }]) => [name, new OrtTensor(data instanceof Int32Array ? 'int32' : 'float32', data, dims)]),
        ),
      );
      const named = [...step.state.map(({ name }) => nextName(name)), 'loss'].map((name): [string, Float32Array] => [
        name,
        floatsOf(results, name),
      ]);
      await session.release();
      return new Map(named);
    };
    const [expected, actual, other] = [await oneStep(portable), await oneStep(gpu), await oneStep(blocked)];
    expect(apart(actual.get('loss'), expected.get('loss') ?? [])).toBeLessThan(1e-5);
    // The first moment is a tenth of the gradient. Pooled maps normalised over a few values amplify rounding: another order of the same
    // sums on the processor says how much.
    for (const name of ['next_firstMoment', 'next_encoderMomentum', 'next_statistics']) {
      const values = expected.get(name);
      if (!values) continue;
      expect(apart(actual.get(name), values), name).toBeLessThan(Math.max(1e-4, 30 * apart(other.get(name), values)));
    }
  });
});
