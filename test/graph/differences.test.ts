// Gradients against central finite differences, on machines without PyTorch too; and the two lowerings against each other.

import { describe, expect, test } from 'vitest';
import {
  add,
  batchNormTraining,
  concat,
  conv2d,
  exp,
  expandSpatial,
  gradients,
  mul,
  oneHot,
  resizeBilinear,
  sigmoid,
  scaleInvariantLog,
  softmaxCrossEntropy,
  softplus,
  spatialMean,
  type Tensor,
  weightedSquaredError,
} from '../../src/core/graph/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { blocked, evaluate, portable, type Value } from './run.js';

const random = seededRandom(1);
const floats = (dims: readonly number[]): Value & { readonly data: Float32Array } => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal() * 0.5),
});
const labels: Value = { dims: [2, 8, 6], data: Int32Array.from({ length: 96 }, () => (random.next() < 0.1 ? 255 : random.integer(5))) };

const values = {
  x: floats([2, 16, 4, 3]),
  w1: floats([32, 16, 3, 3]),
  gamma: { dims: [32], data: Float32Array.from({ length: 32 }, () => 0.5 + random.next()) },
  beta: floats([32]),
  w2: floats([32, 1, 5, 5]),
  w3: floats([32, 32, 1, 1]),
  w4: floats([5, 64, 3, 3]),
  bias: floats([5]),
};
const names = Object.keys(values);

/** Smooth throughout (sigmoid for ReLU), so that finite differences mean something. */
function loss(t: Readonly<Record<string, Tensor>>): Tensor {
  const of = (name: string): Tensor => {
    const found = t[name];
    if (!found) throw new Error(name);
    return found;
  };
  const norm = batchNormTraining(conv2d(of('x'), of('w1'), { padding: 1 }), of('gamma'), of('beta')).y;
  const z = sigmoid(norm);
  const deep = conv2d(z, of('w2'), { padding: 4, dilation: 2, groups: 32 });
  const pooled = expandSpatial(sigmoid(conv2d(spatialMean(z), of('w3'))), 4, 3);
  const sum = add(mul(deep, z), pooled);
  const large = concat([resizeBilinear(sum, 8, 6), resizeBilinear(z, 8, 6)], 1);
  return softmaxCrossEntropy(conv2d(large, of('w4'), { padding: 1, bias: of('bias') }), oneHot(of('labels'), 5));
}

const depths = floats([2, 1, 8, 6]);
const mask = { dims: [2, 1, 8, 6], data: Float32Array.from({ length: 96 }, () => (random.next() < 0.7 ? 1 : 0)) };
const depthValues = { x: values.x, w1: floats([1, 16, 3, 3]), bias: floats([1]) };

/** The same of depth and pose: softplus, scale-invariant logarithms, squares weighted by what is known. */
function depthLoss(t: Readonly<Record<string, Tensor>>): Tensor {
  const { x, w1, bias, depths: truth, mask: known } = t;
  if (!x || !w1 || !bias || !truth || !known) throw new Error('an input is missing');
  const metres = softplus(resizeBilinear(conv2d(x, w1, { padding: 1, bias }), 8, 6));
  return add(scaleInvariantLog(metres, exp(truth), known), weightedSquaredError(metres, truth, known));
}

interface Case {
  readonly name: string;
  readonly runtime: typeof portable;
  readonly lossOf: (t: Readonly<Record<string, Tensor>>) => Tensor;
  readonly values: Readonly<Record<string, Value & { readonly data: Float32Array }>>;
  /** What is not differentiated by. */
  readonly others: Readonly<Record<string, Value>>;
}

const cases: readonly Case[] = [portable, blocked].flatMap((runtime) => {
  const layout = runtime === portable ? 'portable' : 'blocked';
  return [
    { name: `a network, ${layout}`, runtime, lossOf: loss, values, others: { labels } },
    { name: `depth, ${layout}`, runtime, lossOf: depthLoss, values: depthValues, others: { depths, mask } },
  ];
});

describe('gradients', () => {
  test.each(cases)('$name: agree with finite differences', async ({ runtime, lossOf, values, others }) => {
    const names = Object.keys(values);
    const all = { ...values, ...others };
    const exact = await evaluate(runtime, all, (t) => {
      const y = lossOf(t);
      const grads = gradients(
        y,
        names.map((name) => t[name] ?? y),
      );
      return { y, ...Object.fromEntries(names.flatMap((name, i) => (grads[i] ? [[`d_${name}`, grads[i]]] : []))) };
    });
    for (const [name, value] of Object.entries(values)) {
      const g = exact[`d_${name}`] ?? new Float32Array();
      // Along one random direction per tensor: Σ g·u ≈ (L(v + hu) − L(v − hu)) / 2h
      const direction = Float32Array.from(value.data, () => random.normal());
      const h = 2e-3;
      const at = async (sign: number): Promise<number> => {
        const moved = { dims: value.dims, data: value.data.map((v, i) => v + sign * h * (direction[i] ?? 0)) };
        return (await evaluate(runtime, { ...all, [name]: moved }, (t) => ({ y: lossOf(t) })))['y']?.[0] ?? Number.NaN;
      };
      const numeric = ((await at(1)) - (await at(-1))) / (2 * h);
      const analytic = g.reduce((n, v, i) => n + v * (direction[i] ?? 0), 0);
      expect(Math.abs(numeric - analytic), name).toBeLessThan(2e-3 + 0.02 * Math.abs(numeric));
    }
  });

  test('the two lowerings agree', async () => {
    const build = (t: Record<string, Tensor>): Record<string, Tensor> => {
      const y = loss(t);
      const grads = gradients(
        y,
        names.map((name) => t[name] ?? y),
      );
      return { y, ...Object.fromEntries(names.flatMap((name, i) => (grads[i] ? [[`d_${name}`, grads[i]]] : []))) };
    };
    const a = await evaluate(portable, { ...values, labels }, build);
    const b = await evaluate(blocked, { ...values, labels }, build);
    for (const [name, data] of Object.entries(a)) {
      const scale = Math.max(...data.map(Math.abs));
      data.forEach((v, i) => {
        expect(Math.abs(v - (b[name]?.[i] ?? Number.NaN))).toBeLessThan(1e-4 * scale);
      });
    }
  });
});
