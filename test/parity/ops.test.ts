// Every op's forward and gradient against PyTorch, on random shapes, in both lowerings.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  batchNormInference,
  batchNormTraining,
  berHu,
  clip,
  concat,
  conv2d,
  div,
  exp,
  expand,
  expandSpatial,
  gatherRows,
  gradients,
  log,
  logSoftmax,
  matmul,
  meanSquaredError,
  minimum,
  mul,
  neg,
  oneHot,
  padAxis,
  pickPerRow,
  reduceMean,
  reduceSum,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  sigmoid,
  slice,
  scaleInvariantLog,
  softmaxCrossEntropy,
  softplus,
  spatialMean,
  split,
  sqrt,
  sub,
  sumAll,
  tanh,
  type Tensor,
  transpose,
  weightedSquaredError,
} from '../../src/core/graph/index.js';
import { type Random, seededRandom } from '../../src/core/random/index.js';
import { blocked, evaluate, portable, type Value } from '../graph/run.js';
import { python, relativeDifference, Torch } from './torch.js';

interface Case {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly build: (t: (name: string) => Tensor) => Tensor;
  /** Python: sets `y` from the inputs, which are in scope by name. */
  readonly code: string;
}

const floats = (random: Random, dims: readonly number[], low = -1, high = 1): Value => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => low + (high - low) * random.next()),
});

const labels = (random: Random, dims: readonly number[], classes: number): Value => ({
  dims,
  data: Int32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.integer(classes)),
});

/** A map [B, C, H, W] of random size; channel counts include ones that are no multiple of a block. */
const mapDims = (random: Random, channels = [3, 11, 16, 24, 48]): [number, number, number, number] => [
  1 + random.integer(3),
  channels[random.integer(channels.length)] ?? 3,
  3 + random.integer(9),
  3 + random.integer(9),
];

const unary =
  (op: (x: Tensor) => Tensor, code: string, low = -1, high = 1) =>
  (random: Random): Case => ({
    inputs: { x: floats(random, mapDims(random), low, high) },
    build: (t) => op(t('x')),
    code: `y = ${code}`,
  });

const binary =
  (op: (a: Tensor, b: Tensor) => Tensor, code: string, low = -1, high = 1) =>
  (random: Random): Case => {
    const dims = mapDims(random);
    const shapes = [dims, [1, dims[1], 1, 1], [], [dims[3]]];
    const pair = [shapes[random.integer(4)] ?? dims, dims];
    if (random.next() < 0.5) pair.reverse();
    return {
      inputs: { a: floats(random, pair[0] ?? dims, low, high), b: floats(random, pair[1] ?? dims, low, high) },
      build: (t) => op(t('a'), t('b')),
      code: `y = ${code}`,
    };
  };

interface ConvCase {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly pads: readonly [number, number, number, number];
}

const conv =
  (kind: 'dense' | 'depthwise' | 'grouped', bias: boolean, same = false) =>
  (random: Random): Case => {
    const pick = (...values: number[]): number => values[random.integer(values.length)] ?? 1;
    const geometry: ConvCase = {
      kernel: [pick(1, 3, 5), pick(1, 3, 5)],
      stride: pick(1, 1, 2, 3),
      dilation: pick(1, 2, 3),
      pads: [pick(0, 1, 2, 6), pick(0, 1, 2, 6), pick(0, 1, 3, 6), pick(0, 1, 2, 6)],
    };
    const { kernel, stride, dilation, pads } = geometry;
    const smallest = (k: number): number => dilation * (k - 1) + 1;
    const [b, c] = [1 + random.integer(3), kind === 'grouped' ? pick(4, 12, 32) : pick(3, 16, 24, 32, 40)];
    const [h, w] = [smallest(kernel[0]) + random.integer(8), smallest(kernel[1]) + random.integer(8)];
    const groups = kind === 'dense' ? 1 : kind === 'depthwise' ? c : 2;
    const o = kind === 'depthwise' ? c : kind === 'grouped' ? pick(2, 6, 32) : pick(3, 11, 16, 48);
    const total = (size: number, k: number): number => Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (k - 1) + 1 - size);
    const [v, z] = [total(h, kernel[0]), total(w, kernel[1])];
    const used = same ? [Math.floor(v / 2), Math.floor(z / 2), Math.ceil(v / 2), Math.ceil(z / 2)] : pads;
    return {
      inputs: {
        x: floats(random, [b, c, h, w]),
        w: floats(random, [o, c / groups, ...kernel]),
        ...(bias && { bias: floats(random, [o]) }),
      },
      build: (t) =>
        conv2d(t('x'), t('w'), { stride, dilation, groups, padding: same ? 'tf-same' : pads, ...(bias && { bias: t('bias') }) }),
      code: `y = F.conv2d(F.pad(x, (${[used[1], used[3], used[0], used[2]].join()})), w, ${bias ? 'bias' : 'None'}, ${stride}, 0, ${dilation}, ${groups})`,
    };
  };

/** Dilations whose outer taps meet nothing but padding on small maps. */
const wideConv =
  (kind: 'dense' | 'depthwise', kernel: number, dilation: number) =>
  (random: Random): Case => {
    const [b, h, w] = [1 + random.integer(3), 2 + random.integer(20), 2 + random.integer(20)];
    const padding = (dilation * (kernel - 1)) / 2;
    const groups = kind === 'dense' ? 1 : 48;
    return {
      inputs: { x: floats(random, [b, 48, h, w]), w: floats(random, [48, 48 / groups, kernel, kernel]) },
      build: (t) => conv2d(t('x'), t('w'), { dilation, groups, padding }),
      code: `y = F.conv2d(x, w, None, 1, ${padding}, ${dilation}, ${groups})`,
    };
  };

const batchNorm =
  (activation: 'none' | 'relu') =>
  (random: Random): Case => {
    const [b, c, h, w] = mapDims(random);
    return {
      inputs: { x: floats(random, [b + 1, c, h, w]), gamma: floats(random, [c], 0.5, 1.5), beta: floats(random, [c]) },
      build: (t) => batchNormTraining(t('x'), t('gamma'), t('beta'), { activation }).y,
      code: `y = F.batch_norm(x, None, None, gamma, beta, True, 0.1, 1e-5)${activation === 'relu' ? '; y = F.relu(y)' : ''}`,
    };
  };

/** What a network does: convolution, batch norm with ReLU, a second branch, their sum. Mixes layouts. */
const small = (random: Random): Case => {
  const [b, c, h, w] = mapDims(random);
  const inputs = {
    x: floats(random, [b + 1, c, h, w]),
    w1: floats(random, [32, c, 3, 3]),
    gamma: floats(random, [32], 0.5, 1.5),
    beta: floats(random, [32]),
    w2: floats(random, [32, 1, 3, 3]),
    w3: floats(random, [32, 32, 1, 1]),
    w4: floats(random, [11, 64, 3, 3]),
    bias: floats(random, [11]),
  };
  return {
    inputs,
    build: (t) => {
      const z = batchNormTraining(conv2d(t('x'), t('w1'), { padding: 1 }), t('gamma'), t('beta'), { activation: 'relu' }).y;
      const left = conv2d(z, t('w2'), { padding: 2, dilation: 2, groups: 32 });
      const right = conv2d(expandSpatial(spatialMean(z), h, w), t('w3'));
      const sum = add(add(left, right), z);
      const large = resizeBilinear(sum, 2 * h, w + 3);
      return conv2d(concat([large, resizeBilinear(relu(left), 2 * h, w + 3)], 1), t('w4'), { padding: 1, bias: t('bias') });
    },
    code: `
z = F.relu(F.batch_norm(F.conv2d(x, w1, padding=1), None, None, gamma, beta, True))
left = F.conv2d(z, w2, padding=2, dilation=2, groups=32)
right = F.conv2d(z.mean((2, 3), keepdim=True).expand_as(z), w3)
s = left + right + z
up = lambda t: F.interpolate(t, size=(${2 * h}, ${w + 3}), mode='bilinear', align_corners=False)
y = F.conv2d(torch.cat([up(s), up(F.relu(left))], 1), w4, bias, padding=1)`,
  };
};

const resize = (random: Random): Case => {
  const dims = mapDims(random);
  const [h, w] = [1 + random.integer(20), 1 + random.integer(20)];
  if (random.next() < 0.2) dims.splice(2, 2, 1, 1);
  return {
    inputs: { x: floats(random, dims) },
    build: (t) => resizeBilinear(t('x'), h, w),
    code: `y = F.interpolate(x, size=(${h}, ${w}), mode='bilinear', align_corners=False)`,
  };
};

const crossEntropy = (random: Random): Case => {
  const [b, k, h, w] = [2, 2 + random.integer(11), 3 + random.integer(8), 4];
  const target = labels(random, [b, h, w], k);
  for (let i = 0; i < target.data.length; i++) if (random.next() < 0.3) target.data[i] = 255;
  return {
    inputs: { x: floats(random, [b, k, h, w], -5, 5), target },
    build: (t) => softmaxCrossEntropy(t('x'), oneHot(t('target'), k)),
    code: 'y = F.cross_entropy(x, target.long(), ignore_index=255)',
  };
};

/** Two maps, and which of their pixels count. */
const masked = (random: Random, low: number): Pick<Case, 'inputs'> => {
  const dims = mapDims(random, [1, 3]);
  const mask = floats(random, dims, 0, 2);
  return {
    inputs: {
      a: floats(random, dims, low, 4),
      b: floats(random, dims, low, 4),
      mask: { dims, data: Float32Array.from(mask.data, Math.floor) },
    },
  };
};

const cases: Readonly<Record<string, (random: Random) => Case>> = {
  'conv2d, dense': conv('dense', false),
  'conv2d, dense with bias': conv('dense', true),
  'conv2d, depthwise': conv('depthwise', false),
  'conv2d, grouped': conv('grouped', true),
  'conv2d, TensorFlow padding': conv('depthwise', false, true),
  'conv2d, 3×3 dilation 12': wideConv('dense', 3, 12),
  'conv2d, depthwise 5×5 dilation 6': wideConv('depthwise', 5, 6),
  'conv2d, depthwise 3×3 dilation 3': wideConv('depthwise', 3, 3),
  batchNormTraining: batchNorm('none'),
  'batchNormTraining with ReLU': batchNorm('relu'),
  batchNormInference: (random) => {
    const dims = mapDims(random);
    const c = dims[1];
    return {
      inputs: {
        x: floats(random, dims),
        gamma: floats(random, [c]),
        beta: floats(random, [c]),
        mean: floats(random, [c]),
        variance: floats(random, [c], 0.5, 2),
      },
      build: (t) => batchNormInference(t('x'), t('gamma'), t('beta'), t('mean'), t('variance')),
      // The statistics are no parameters: neither side differentiates by them.
      code: 'y = F.batch_norm(x, mean.detach(), variance.detach(), gamma, beta, False, 0.1, 1e-5)',
    };
  },
  'a small network': small,
  relu: unary(relu, 'F.relu(x)'),
  relu6: unary(relu6, 'F.relu6(x)', -4, 9),
  clip: unary((x) => clip(x, -0.5, 0.3), 'x.clamp(-0.5, 0.3)'),
  sigmoid: unary(sigmoid, 'torch.sigmoid(x)', -4, 4),
  tanh: unary(tanh, 'torch.tanh(x)', -3, 3),
  exp: unary(exp, 'torch.exp(x)'),
  log: unary(log, 'torch.log(x)', 0.1, 3),
  sqrt: unary(sqrt, 'torch.sqrt(x)', 0.1, 3),
  softplus: unary(softplus, 'F.softplus(x)', -6, 6),
  neg: unary(neg, '-x'),
  add: binary(add, 'a + b'),
  sub: binary(sub, 'a - b'),
  mul: binary(mul, 'a * b'),
  div: binary(div, 'a / b', 0.5, 2),
  minimum: binary(minimum, 'torch.minimum(a, b)'),
  spatialMean: unary(spatialMean, 'x.mean((2, 3), keepdim=True)'),
  reduceSum: unary((x) => reduceSum(x, [1, 3]), 'x.sum((1, 3))'),
  reduceMean: unary((x) => reduceMean(x, [0, 2], true), 'x.mean((0, 2), keepdim=True)'),
  sumAll: unary(sumAll, 'x.sum()'),
  transpose: unary((x) => transpose(x, [2, 0, 3, 1]), 'x.permute(2, 0, 3, 1)'),
  slice: unary((x) => slice(x, 1, 1, 3), 'x[:, 1:3]'),
  padAxis: unary((x) => padAxis(x, 2, 2, 1), 'F.pad(x, (0, 0, 2, 1))'),
  resizeBilinear: resize,
  logSoftmax: unary(logSoftmax, 'F.log_softmax(x, 1)', -5, 5),
  softmaxCrossEntropy: crossEntropy,
  'softmaxCrossEntropy without a labelled pixel': (random) => ({
    inputs: { x: floats(random, [2, 3, 4, 5]), target: { dims: [2, 4, 5], data: new Int32Array(40).fill(255) } },
    build: (t) => softmaxCrossEntropy(t('x'), oneHot(t('target'), 3)),
    code: 'y = (x * 0).sum()',
  }),
  meanSquaredError: (random) => {
    const dims = mapDims(random);
    return {
      inputs: { a: floats(random, dims), b: floats(random, dims) },
      build: (t) => meanSquaredError(t('a'), t('b')),
      code: 'y = F.mse_loss(a, b)',
    };
  },
  berHu: (random) => ({
    ...masked(random, 0),
    build: (t) => berHu(t('a'), t('b'), t('mask')),
    code: `
r = ((a - b.detach()) * mask.detach()).abs()
c = (0.2 * r.max()).detach()
y = (mask.detach() * torch.where(r <= c, r, (r ** 2 + c ** 2) / (2 * c))).sum() / mask.detach().sum()`,
  }),
  scaleInvariantLog: (random) => ({
    ...masked(random, 0.5),
    build: (t) => scaleInvariantLog(t('a'), t('b'), t('mask')),
    code: `
g = (a.log() - (b * mask + 1 - mask).log()) * mask
y = (g ** 2).sum() / mask.sum() - 0.5 * (g.sum() / mask.sum()) ** 2`,
  }),
  weightedSquaredError: (random) => ({
    ...masked(random, 0),
    build: (t) => weightedSquaredError(t('a'), t('b'), t('mask')),
    code: 'y = (mask.detach() * (a - b) ** 2).sum() / mask.detach().sum()',
  }),
  matmul: (random) => {
    const [m, k, n] = [1 + random.integer(9), 1 + random.integer(9), 1 + random.integer(9)];
    const [transposeA, transposeB] = [random.next() < 0.5, random.next() < 0.5];
    return {
      inputs: { a: floats(random, transposeA ? [k, m] : [m, k]), b: floats(random, transposeB ? [n, k] : [k, n]) },
      build: (t) => matmul(t('a'), t('b'), { transposeA, transposeB }),
      code: `y = a${transposeA ? '.T' : ''} @ b${transposeB ? '.T' : ''}`,
    };
  },
  gatherRows: (random) => ({
    inputs: { table: floats(random, [7, 5]), rows: labels(random, [4], 7) },
    build: (t) => gatherRows(t('table'), t('rows')),
    code: 'y = table[rows.long()]',
  }),
  pickPerRow: (random) => ({
    inputs: { x: floats(random, [6, 5]), columns: labels(random, [6], 5) },
    build: (t) => pickPerRow(t('x'), t('columns')),
    code: 'y = x.gather(1, columns.long()[:, None])[:, 0]',
  }),
  'concat, split and reshape': (random) => {
    const [b, , h, w] = mapDims(random);
    return {
      inputs: { p: floats(random, [b, 16, h, w]), q: floats(random, [b, 32, h, w]) },
      build: (t) => {
        const [first, , third] = split(concat([t('p'), t('q')], 1), [5, 16, 27], 1);
        if (!first || !third) throw new Error('split');
        return concat([reshape(first, [b, 5 * h * w]), reshape(third, [b, 27 * h * w])], 1);
      },
      code: 's = torch.cat([p, q], 1); y = torch.cat([s[:, :5].flatten(1), s[:, 21:].flatten(1)], 1)',
    };
  },
  expand: (random) => ({
    inputs: { x: floats(random, [1, 4, 1]) },
    build: (t) => expand(t('x'), [3, 4, 5]),
    code: 'y = x.expand(3, 4, 5)',
  }),
  expandSpatial: (random) => ({
    inputs: { x: floats(random, [2, 32, 1, 1]) },
    build: (t) => expandSpatial(t('x'), 5, 4),
    code: 'y = x.expand(2, 32, 5, 4)',
  }),
};

describe.skipIf(python === undefined)('ops agree with PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  test.each(Object.entries(cases))('%s', async (name, make) => {
    for (let trial = 0; trial < 6; trial++) {
      const { inputs, build, code } = make(seededRandom(trial).fork(name));
      const expected = await torch.run(
        `
names = [n for n, v in inputs.items() if v.is_floating_point()]
for n in names: inputs[n].requires_grad_()
locals_ = {"torch": torch, "F": F, **inputs}
exec(args["code"], locals_, locals_)
y = locals_["y"]
direction = torch.linspace(-1, 2, y.numel()).reshape(y.shape) if y.dim() else torch.tensor(1.0)
y.backward(direction)
outputs["y"] = y
outputs["direction"] = direction
for n in names:
    if inputs[n].grad is not None: outputs["d_" + n] = inputs[n].grad`,
        inputs,
        { code },
      );
      const { direction, ...compared } = expected;
      if (!direction) throw new Error('no direction');
      for (const runtime of [portable, blocked]) {
        const actual = await evaluate(runtime, { ...inputs, direction }, (t) => {
          const y = build((n) => {
            const found = t[n];
            if (!found) throw new Error(`no input ${n}`);
            return found;
          });
          const loss = y.shape.length === 0 ? y : sumAll(mul(y, t['direction'] ?? y));
          const wanted = Object.keys(compared).filter((n) => n.startsWith('d_'));
          const grads = gradients(
            loss,
            wanted.map((n) => t[n.slice(2)] ?? y),
          );
          return { y, ...Object.fromEntries(wanted.flatMap((n, i) => (grads[i] ? [[n, grads[i]]] : []))) };
        });
        for (const [key, { data }] of Object.entries(compared)) {
          const difference = relativeDifference(actual[key] ?? [], data);
          expect(difference, `${key} of ${code}, block ${runtime.target.blockSize}, trial ${trial}`).toBeLessThan(1e-4);
        }
      }
    }
  });
});
