// Every op that networks and losses are made of, on maps behind a convolution: for tests that compare one way of computing with another.

import {
  add,
  batchNormInference,
  batchNormTraining,
  berHu,
  clip,
  concat,
  constant,
  conv2d,
  div,
  exp,
  expandSpatial,
  greater,
  inside,
  log,
  logSoftmax,
  matmul,
  maxPool,
  minimum,
  mul,
  neg,
  padAxis,
  reduceMean,
  relu,
  relu6,
  reshape,
  resizeAligned,
  resizeBilinear,
  resizeNearest,
  scalar,
  sigmoid,
  slice,
  softmax,
  softmaxCrossEntropy,
  softplus,
  spatialMean,
  split,
  sqrt,
  sub,
  tanh,
  type Tensor,
  transpose,
  zerosLike,
  gradients,
  sumAll,
} from '../../src/core/graph/index.js';
import type { Random } from '../../src/core/random/index.js';
import type { Value } from './run.js';

/** Height and width of the maps. */
export const [h, w] = [5, 4] as const;

/** From two positive maps, which lie blocked, a scalar that is fed, and vectors of one value a channel. */
export type Op = (t: {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly s: Tensor;
  readonly gamma: Tensor;
  readonly beta: Tensor;
}) => Tensor;

export const ops: Readonly<Record<string, Op>> = {
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
  // A sum with zeros is the other summand, and would not compute them.
  zeros: ({ a }) => sub(a, zerosLike(a)),
  logSoftmax: ({ a }) => logSoftmax(a),
  softmax: ({ a }) => softmax(a),
  'batchNorm, of the batch': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta).y,
  'batchNorm with ReLU': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta, { activation: 'relu' }).y,
  'batchNorm with ReLU6': ({ a, gamma, beta }) => batchNormTraining(a, gamma, beta, { activation: 'relu6' }).y,
  'batchNorm, fixed': ({ a, gamma, beta }) => batchNormInference(a, gamma, beta, beta, gamma),
  resize: ({ a }) => resizeBilinear(a, 7, 6),
  'resize, corners aligned': ({ a }) => resizeAligned(a, 7, 6),
  'resize, nearest': ({ a }) => resizeNearest(a, 9, 7),
  maxPool: ({ a }) => maxPool(a, 5),
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
  'conv2d of stride 2, depthwise': ({ a, beta }) =>
    conv2d(a, reshape(beta, [Number(a.shape[1]), 1, 1, 1]), { groups: Number(a.shape[1]), stride: 2 }),
  matmul: ({ a }) => {
    const rows = reshape(a, [2 * Number(a.shape[1]), h * w]);
    const mixed = matmul(
      rows,
      constant(
        Float32Array.from({ length: (h * w) ** 2 }, (_, i) => ((i * 7) % 11) / 20),
        [h * w, h * w],
      ),
    );
    return reshape(mixed, a.shape.map(Number));
  },
  berHu: ({ a, b }) => mul(a, berHu(a, b, scalar(1))),
  softmaxCrossEntropy: ({ a, b }) => mul(a, softmaxCrossEntropy(a, softmax(b))),
};

/** Values for `behindOp`, for maps of c channels. */
export function opValues(c: number, random: Random): Readonly<Record<'x' | 'w1' | 'w2' | 'w3' | 'gamma' | 'beta' | 's', Value>> {
  const positive = (dims: readonly number[]): Value => ({
    dims,
    data: Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => 0.1 + random.next()),
  });
  return {
    x: positive([2, 3, h, w]),
    w1: positive([c, 3, 3, 3]),
    w2: positive([c, 3, 1, 1]),
    w3: positive([8, c, 1, 1]),
    gamma: positive([c]),
    beta: positive([c]),
    s: { dims: [], data: Float32Array.of(0.7) },
  };
}

/** An op between convolutions, what is behind it, and two gradients through it. */
export function behindOp(op: Op, t: Readonly<Record<string, Tensor>>): { y: Tensor; z: Tensor; dx?: Tensor; dw?: Tensor } {
  const { x, w1, w2, w3, gamma, beta, s } = t;
  if (!x || !w1 || !w2 || !w3 || !gamma || !beta || !s) throw new Error('an input is missing');
  const y = op({ a: conv2d(x, w1, { padding: 1 }), b: conv2d(x, w2), s, gamma, beta });
  const z = conv2d(y, w3);
  const [dx, dw] = gradients(sumAll(mul(z, z)), [x, w1]);
  return { y, z, ...(dx && { dx }), ...(dw && { dw }) };
}
