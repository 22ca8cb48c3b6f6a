// Maps whose channels are no multiple of a block have padding channels in the blocked layout. They stay 0 behind every op: what is
// not 0 there (0/0, ln 0) would make everything behind the next convolution not a number.

import { beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  batchNormInference,
  batchNormTraining,
  clip,
  concat,
  conv2d,
  div,
  exp,
  expandSpatial,
  gradients,
  greater,
  input,
  inside,
  log,
  logSoftmax,
  lowerGraph,
  minimum,
  mul,
  neg,
  padAxis,
  reduceMean,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  scalar,
  sigmoid,
  slice,
  softmax,
  softplus,
  spatialMean,
  split,
  sqrt,
  sub,
  sumAll,
  tanh,
  type Tensor,
  transpose,
  zerosLike,
} from '../../src/core/graph/index.js';
import { defineOp } from '../../src/core/graph/tensor.js';
import { seededRandom } from '../../src/core/random/index.js';
import { evaluate, portable, type Value } from './run.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import type { Runtime } from '../../src/core/runtime/index.js';

const [h, w] = [5, 4];

/** From two positive maps, which lie blocked, a scalar that is fed, and vectors of one value a channel. */
type Op = (t: { readonly a: Tensor; readonly b: Tensor; readonly s: Tensor; readonly gamma: Tensor; readonly beta: Tensor }) => Tensor;

const ops: Readonly<Record<string, Op>> = {
  'a + b': ({ a, b }) => add(a, b),
  'a + 1': ({ a }) => add(a, scalar(1)),
  'a + s': ({ a, s }) => add(a, s),
  'a − b': ({ a, b }) => sub(a, b),
  '1 − a': ({ a }) => sub(scalar(1), a),
  'a · b': ({ a, b }) => mul(a, b),
  'a · 3': ({ a }) => mul(a, scalar(3)),
  'a · s': ({ a, s }) => mul(a, s),
  'a / b': ({ a, b }) => div(a, b),
  'a / 2': ({ a }) => div(a, scalar(2)),
  'a / s': ({ a, s }) => div(a, s),
  '1 / a': ({ a }) => div(scalar(1), a),
  'min(a, b)': ({ a, b }) => minimum(a, b),
  'min(a, −1)': ({ a }) => minimum(a, scalar(-1)),
  'min(1, a)': ({ a }) => minimum(scalar(1), a),
  'a > b': ({ a, b }) => greater(a, b),
  'a > −1': ({ a }) => greater(a, scalar(-1)),
  'a > s': ({ a, s }) => greater(a, s),
  'a > −s': ({ a, s }) => greater(a, neg(s)),
  '1 > a': ({ a }) => greater(scalar(1), a),
  neg: ({ a }) => neg(a),
  relu: ({ a }) => relu(a),
  relu6: ({ a }) => relu6(a),
  'clip 0.5 … 2': ({ a }) => clip(a, 0.5, 2),
  'clip −2 … −1': ({ a }) => clip(a, -2, -1),
  'inside −1 … 1': ({ a }) => inside(a, -1, 1),
  'inside 0 … 2': ({ a }) => inside(a, 0, 2),
  sigmoid: ({ a }) => sigmoid(a),
  tanh: ({ a }) => tanh(a),
  exp: ({ a }) => exp(a),
  log: ({ a }) => log(a),
  sqrt: ({ a }) => sqrt(a),
  softplus: ({ a }) => softplus(a),
  zeros: ({ a }) => add(zerosLike(a), a),
  logSoftmax: ({ a }) => logSoftmax(a),
  softmax: ({ a }) => softmax(a),
  'batchNorm, of the batch': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta).y,
  'batchNorm with ReLU': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta, { activation: 'relu' }).y,
  'batchNorm with ReLU6': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta, { activation: 'relu6' }).y,
  'batchNorm, fixed': ({ a, gamma, beta }) => batchNormInference(a, gamma, beta, beta, gamma),
  resize: ({ a }) => resizeBilinear(a, 7, 6),
  spatialMean: ({ a }) => spatialMean(a),
  expandSpatial: ({ a }) => add(expandSpatial(spatialMean(a), h, w), a),
  concat: ({ a, b }) => slice(concat([a, b], 1), 1, 2, 2 + Number(a.shape[1])),
  split: ({ a }) => concat([...split(a, [5, Number(a.shape[1]) - 5], 1)].reverse(), 1),
  slice: ({ a }) => slice(a, 2, 1, 4),
  padAxis: ({ a }) => padAxis(a, 3, 1, 0),
  transpose: ({ a }) => transpose(a, [0, 1, 3, 2]),
  reshape: ({ a }) => reshape(a, [2, Number(a.shape[1]), w, h]),
  reduceMean: ({ a }) => mul(a, reduceMean(a, [2], true)),
  'conv2d, depthwise, with a bias': ({ a, beta }) =>
    conv2d(a, reshape(beta, [Number(a.shape[1]), 1, 1, 1]), { groups: Number(a.shape[1]), bias: beta }),
};

/** The bytes of a blocked map as they lie: [blocks, pixels, block]. */
function raw(x: Tensor, blockSize: number): Tensor {
  const [b = 0, c = 0, rows = 0, columns = 0] = x.shape.map(Number);
  const blocks = Math.ceil(c / blockSize);
  const y: Tensor = defineOp({
    op: 'raw',
    inputs: [x],
    shape: [b * blocks, rows * columns, blockSize],
    lower: (e) => e.define(y, e.reshape(e.blocked(x), [b * blocks, rows * columns, blockSize])),
  });
  return y;
}

describe.each([11, 24])('%i channels', (c) => {
  let auto: Runtime;
  beforeAll(async () => {
    auto = await nodeRuntime();
  });
  const random = seededRandom(c);
  const positive = (dims: readonly number[]): Value => ({
    dims,
    data: Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => 0.1 + random.next()),
  });
  const values = {
    x: positive([2, 3, h, w]),
    w1: positive([c, 3, 3, 3]),
    w2: positive([c, 3, 1, 1]),
    w3: positive([8, c, 1, 1]),
    gamma: positive([c]),
    beta: positive([c]),
    s: { dims: [], data: Float32Array.of(0.7) },
  };
  const build = (op: Op, t: Readonly<Record<string, Tensor>>) => {
    const { x, w1, w2, w3, gamma, beta, s } = t;
    if (!x || !w1 || !w2 || !w3 || !gamma || !beta || !s) throw new Error('an input is missing');
    const y = op({ a: conv2d(x, w1, { padding: 1 }), b: conv2d(x, w2), s, gamma, beta });
    const z = conv2d(y, w3);
    const loss = sumAll(mul(z, z));
    const [dx, dw] = gradients(loss, [x, w1]);
    return { y, z, ...(dx && { dx }), ...(dw && { dw }) };
  };

  test.each(Object.entries(ops))('%s: the convolution behind it, and the gradients, are those of the plain layout', async (_name, op) => {
    const graph = (t: Readonly<Record<string, Tensor>>) => {
      const { z, dx, dw } = build(op, t);
      return { z, ...(dx && { dx }), ...(dw && { dw }) };
    };
    const [expected, actual] = [await evaluate(portable, values, graph), await evaluate(auto, values, graph)];
    for (const [name, data] of Object.entries(expected)) {
      const scale = Math.max(1e-3, ...data.map(Math.abs));
      data.forEach((v, i) => {
        const difference = Math.abs(v - (actual[name]?.[i] ?? Number.NaN));
        expect(difference, name).toBeLessThan(1e-4 * scale);
      });
    }
  });

  test.each(Object.entries(ops))('%s: its padding is 0', async (_name, op) => {
    if (auto.target.blockSize === 0) return;
    const { bytes } = await evaluate(auto, values, (t) => ({ bytes: raw(build(op, t).y, auto.target.blockSize) }));
    const y = build(op, Object.fromEntries(Object.entries(values).map(([name, { dims }]) => [name, input(name, dims)]))).y;
    const [, channels = 0, rows = 0, columns = 0] = y.shape.map(Number);
    const [n, pixels] = [auto.target.blockSize, rows * columns];
    const blocks = Math.ceil(channels / n);
    const padding = (bytes ?? new Float32Array()).filter((_, i) => {
      const block = Math.floor(i / (pixels * n)) % blocks;
      return block * n + (i % n) >= channels;
    });
    expect(padding.length).toBe(((blocks * n - channels) * pixels * (bytes?.length ?? 0)) / (blocks * n * pixels));
    expect([...new Set(padding)].every((v) => v === 0)).toBe(true);
  });
});

test('where an op keeps 0 it runs on the blocks as they lie: no map is reordered for it', async () => {
  const auto = await nodeRuntime();
  if (auto.target.blockSize === 0) return;
  const reorders = (op: (x: Tensor) => Tensor): number => {
    const y = conv2d(op(conv2d(input('x', [1, 3, 8, 8]), input('w', [24, 3, 3, 3]), { padding: 1 })), input('v', [24, 24, 1, 1]));
    return Buffer.from(lowerGraph({ y }, { target: auto.target }))
      .toString('latin1')
      .split('ReorderOutput').length;
  };
  expect(reorders(relu)).toBe(reorders((x) => x));
  expect(reorders((x) => mul(x, scalar(2)))).toBe(reorders((x) => x));
});
