// Fresh values, and batch normalisation folded into convolutions, by hand.

import { describe, expect, test } from 'vitest';
import { conv2d, input, lowerGraph, type Tensor } from '../../src/core/graph/index.js';
import { batchNorm, conv, convBatchNorm, foldedValues, initialise, LstmCell, type Mode, Scope } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import { evaluate, portable } from '../graph/run.js';

describe('fresh values', () => {
  const extremes = (values: Float32Array = new Float32Array()) => ({
    low: Math.min(...values),
    high: Math.max(...values),
    mean: values.reduce((a, b) => a + b, 0) / values.length,
  });

  test.each([
    { name: 'dense', channels: 24, outputs: 40, kernel: 3, groups: 1, fanIn: 24 * 9 },
    { name: 'depthwise', channels: 200, outputs: 200, kernel: 5, groups: 200, fanIn: 25 },
    { name: 'pointwise', channels: 64, outputs: 64, kernel: 1, groups: 1, fanIn: 64 },
  ])("a $name convolution's lie in ±1/√$fanIn, evenly", ({ channels, outputs, kernel, groups, fanIn }) => {
    const scope = Scope.root('training');
    conv(scope, input('x', [1, channels, 8, 8]), outputs, kernel, { groups, bias: true });
    const values = initialise(scope.parameters, seededRandom(1));
    const bound = 1 / Math.sqrt(fanIn);
    const { low, high, mean } = extremes(values.get('weight'));
    expect(low).toBeGreaterThanOrEqual(-bound);
    expect(high).toBeLessThanOrEqual(bound);
    // Of thousands some come near the ends.
    expect(low).toBeLessThan(-0.97 * bound);
    expect(high).toBeGreaterThan(0.97 * bound);
    expect(Math.abs(mean)).toBeLessThan(0.05 * bound);
    const bias = extremes(values.get('bias'));
    expect(Math.max(-bias.low, bias.high)).toBeLessThanOrEqual(bound);
    expect(bias.high - bias.low).toBeGreaterThan(bound);
  });

  test('batch normalisation starts as the identity', () => {
    const scope = Scope.root('training');
    batchNorm(scope, input('x', [2, 3, 4, 4]));
    expect(Object.fromEntries(initialise(scope.parameters, seededRandom(1)))).toEqual({
      weight: Float32Array.of(1, 1, 1),
      bias: Float32Array.of(0, 0, 0),
      running_mean: Float32Array.of(0, 0, 0),
      running_var: Float32Array.of(1, 1, 1),
    });
  });

  test("an LSTM's lie within the bound that it is given; a value depends on the seed and its name only", () => {
    const scope = Scope.root('inference');
    new LstmCell(scope.child('a'), 20, 20, { kind: 'uniform', bound: 0.1 });
    const values = initialise(scope.parameters, seededRandom(1));
    for (const data of values.values()) {
      expect(extremes(data).low).toBeGreaterThanOrEqual(-0.1);
      expect(extremes(data).high).toBeLessThanOrEqual(0.1);
    }
    expect(extremes(values.get('a.weight_ih')).high).toBeGreaterThan(0.097);
    expect(values.get('a.weight_ih')).not.toEqual(values.get('a.weight_hh'));
    const last = scope.parameters.slice(-1);
    expect(initialise(last, seededRandom(1)).get('a.bias_hh')).toEqual(values.get('a.bias_hh'));
    expect(initialise(last, seededRandom(2)).get('a.bias_hh')).not.toEqual(values.get('a.bias_hh'));
  });
});

describe('batch normalisation within a convolution', () => {
  test('by hand: ε below the root, the mean taken away, the shift added', () => {
    // Scale 3/√(4e−5 + 1e−5): ε is a fifth of what stands below the root.
    const folded = foldedValues(Float32Array.of(1, -2, 0.5, 4), {
      gamma: Float32Array.of(3, -1),
      beta: Float32Array.of(0.25, -0.5),
      mean: Float32Array.of(0.1, -0.2),
      variance: Float32Array.of(4e-5, 0.25),
    });
    const [a, b] = [3 / Math.sqrt(5e-5), -1 / Math.sqrt(0.25001)];
    const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 3));
    expect([...folded.weight]).toEqual(near([a, -2 * a, 0.5 * b, 4 * b]));
    expect([...folded.bias]).toEqual(near([0.25 - 0.1 * a, -0.5 - -0.2 * b]));
  });

  test('folded, frozen and apart are one function, with variances as small as ε', async () => {
    const channels = 5;
    const random = seededRandom(2);
    const draw = (n: number, low: number, high: number): Float32Array =>
      Float32Array.from({ length: n }, () => low + (high - low) * random.next());
    const values = new Map([
      ['c.weight', draw(channels * 3 * 9, -1, 1)],
      ['n.weight', draw(channels, -2, 2)],
      ['n.bias', draw(channels, -1, 1)],
      ['n.running_mean', draw(channels, -1, 1)],
      ['n.running_var', draw(channels, 1e-6, 1e-4)],
    ]);
    const x = { dims: [2, 3, 6, 5], data: draw(2 * 3 * 30, -1, 1) };
    const run = async (mode: Mode): Promise<Float32Array> => {
      const scope = Scope.root(mode);
      const y = convBatchNorm(scope.child('c'), scope.child('n'), input('x', x.dims), channels, 3, { padding: 1, activation: 'relu6' });
      const bindings = new Map<Tensor, Float32Array>(
        scope.parameters.map(({ name, tensor }) => [tensor, values.get(name) ?? new Float32Array()]),
      );
      const of = (name: string): Float32Array => values.get(`n.${name}`) ?? new Float32Array();
      for (const { weight, bias } of scope.folds) {
        const norm = { gamma: of('weight'), beta: of('bias'), mean: of('running_mean'), variance: of('running_var') };
        const folded = foldedValues(values.get('c.weight') ?? new Float32Array(), norm);
        bindings.set(weight, folded.weight).set(bias, folded.bias);
      }
      const session = await portable.open(lowerGraph({ y }, { bindings }));
      const result = floatsOf(await session.run({ x: new OrtTensor('float32', x.data, x.dims) }), 'y').slice();
      await session.release();
      return result;
    };
    // By hand: the convolution, then γ (z − μ) / √(σ² + ε) + β, limited to 0 … 6.
    const { z = new Float32Array() } = await evaluate(
      portable,
      { x, w: { dims: [channels, 3, 3, 3], data: values.get('c.weight') ?? new Float32Array() } },
      (t) => {
        if (!t['x'] || !t['w']) throw new Error('inputs');
        return { z: conv2d(t['x'], t['w'], { padding: 1 }) };
      },
    );
    const at = (name: string, c: number): number => values.get(`n.${name}`)?.[c] ?? Number.NaN;
    const expected = Array.from(z, (v, i) => {
      const c = Math.floor(i / 30) % channels;
      const normed = (at('weight', c) * (v - at('running_mean', c))) / Math.sqrt(at('running_var', c) + 1e-5) + at('bias', c);
      return Math.min(6, Math.max(0, normed));
    });
    expect(expected.filter((v) => v > 0 && v < 6).length).toBeGreaterThan(5);
    for (const mode of ['inference', 'frozen', 'folded'] as const) {
      const actual = await run(mode);
      expect(Math.max(...expected.map((v, i) => Math.abs(v - (actual[i] ?? Number.NaN)))), mode).toBeLessThan(1e-3);
    }
  });
});
