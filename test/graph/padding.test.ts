// Maps whose channels are no multiple of a block have padding channels in the blocked layout. They stay 0 behind every op: what is
// not 0 there (0/0, ln 0) would make everything behind the next convolution not a number.

import { beforeAll, describe, expect, test } from 'vitest';
import {
  conv2d,
  GraphError,
  input,
  lowerGraph,
  mul,
  type OpKind,
  relu,
  scalar,
  type Tensor,
  topologicalOrder,
} from '../../src/core/graph/index.js';
import { defineOp } from '../../src/core/graph/tensor.js';
import { seededRandom } from '../../src/core/random/index.js';
import type { Runtime } from '../../src/core/runtime/index.js';
import { nodeRuntime } from '../../src/platform/node/runtime.js';
import { behindOp, ops, opValues } from './all-ops.js';
import { evaluate, portable } from './run.js';

/** The bytes of a blocked map as they lie: [blocks, pixels, block]. */
function raw(x: Tensor, blockSize: number): Tensor {
  const [b = 0, c = 0, rows = 0, columns = 0] = x.shape.map(Number);
  const blocks = Math.ceil(c / blockSize);
  const y: Tensor = defineOp({
    op: { kind: 'reshape' },
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
  const values = opValues(c, seededRandom(c));

  test.each(Object.entries(ops))('%s: the convolution behind it, and the gradients, are those of the plain layout', async (_name, op) => {
    const graph = (t: Readonly<Record<string, Tensor>>) => {
      const { z, dx, dw } = behindOp(op, t);
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
    const { bytes } = await evaluate(auto, values, (t) => ({ bytes: raw(behindOp(op, t).y, auto.target.blockSize) }));
    const y = behindOp(op, Object.fromEntries(Object.entries(values).map(([name, { dims }]) => [name, input(name, dims)]))).y;
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

test('every op there is, is among these', () => {
  const all = {
    ...{
      input: true,
      parameter: true,
      constant: true,
      zeros: true,
      add: true,
      sub: true,
      mul: true,
      div: true,
      minimum: true,
      greater: true,
    },
    ...{ neg: true, relu: true, sigmoid: true, tanh: true, exp: true, log: true, sqrt: true, softplus: true, clip: true, inside: true },
    ...{
      reduceSum: true,
      reduceMax: true,
      reshape: true,
      expand: true,
      transpose: true,
      concat: true,
      split: true,
      slice: true,
      pad: true,
    },
    ...{ matmul: true, oneHot: true, conv2d: true, conv2dInputGradient: true, conv2dWeightGradient: true, spreadPixels: true },
    ...{ batchMoments: true, channelSum: true, channelDot: true, affineSum: true, batchNorm: true, batchNormInference: true },
    ...{ spatialMean: true, expandSpatial: true, resize: true, resizeGradient: true, maxPool: true, maxPoolGradient: true },
    ...{ logSoftmax: true, softmax: true, softmaxCrossEntropy: true, berHu: true },
  } satisfies Record<OpKind, true>;
  // A parameter is given, not computed; what `oneHot` makes of labels is plain.
  const apart = ['parameter', 'oneHot'];
  const tested = new Set<string>();
  const inputs = Object.fromEntries(Object.entries(opValues(24, seededRandom(1))).map(([name, { dims }]) => [name, input(name, dims)]));
  for (const op of Object.values(ops)) {
    const { z, dx, dw } = behindOp(op, inputs);
    for (const node of topologicalOrder([z, dx, dw].flatMap((t) => t ?? []))) tested.add(node.op.kind);
  }
  expect(Object.keys(all).filter((kind) => !tested.has(kind))).toEqual(apart);
});

test('an op that does not say that it keeps 0 may lie blocked only where nothing is padded', () => {
  const lowered = (channels: number, keepsZero: boolean): Uint8Array => {
    const x = conv2d(input('x', [1, 3, 8, 8]), input('w', [channels, 3, 3, 3]));
    const y: Tensor = defineOp({
      op: { kind: 'exp' },
      inputs: [x],
      keepsZero,
      shape: x.shape,
      lower: (e) => e.define(y, e.emit('Exp', [e.blocked(x)]), 'blocked'),
    });
    return lowerGraph(
      { y: conv2d(y, input('v', [8, channels, 1, 1])) },
      { target: { blockSize: 8, maxBuffers: Number.POSITIVE_INFINITY } },
    );
  };
  expect(() => lowered(11, false)).toThrow(GraphError);
  expect(() => lowered(11, false)).toThrow('exp of 11 channels is blocked, and does not say that it keeps their padding 0');
  expect(lowered(16, false).length).toBeGreaterThan(0);
  expect(lowered(11, true).length).toBeGreaterThan(0);
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
