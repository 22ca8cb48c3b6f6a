// 8 bits by hand: what a map and a convolution's weights are rounded to.

import { Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { conv2d, input, lowerGraph, parameter } from '../../src/core/graph/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { portable } from './run.js';

const random = seededRandom(1);
const draw = (n: number, size: number): Float32Array => Float32Array.from({ length: n }, () => size * (2 * random.next() - 1));

describe('a convolution in 8 bits', () => {
  test('x is rounded to 0 … 255 with one scale, weights to ±127 with one an output, the bias with their product', async () => {
    const [channels, outputs, pixels] = [3, 4, 20];
    const x = input('x', [1, channels, 4, 5]);
    const [w, bias] = [parameter('w', [outputs, channels, 1, 1]), parameter('bias', [outputs])];
    const y = conv2d(x, w, { bias });
    // Outputs of very different sizes: one scale for all would leave nothing of the first; one is all zeros.
    const weights = Float32Array.from([...draw(3, 1e-3), ...draw(3, 1), ...draw(3, 50), 0, 0, 0]);
    const shifts = Float32Array.of(1e-3, -0.3, 20, 0);
    const values = draw(channels * pixels, 1.4);
    const { scale, zeroPoint } = { scale: 2 / 255, zeroPoint: 100 };
    const bindings = new Map([
      [w, weights],
      [bias, shifts],
    ]);
    const model = lowerGraph({ y }, { bindings, quantised: new Map([[x, { scale, zeroPoint }]]) });
    const session = await portable.open(model, { purpose: 'training' });
    const actual = floatsOf(await session.run({ x: new OrtTensor('float32', values, [1, channels, 4, 5]) }), 'y').slice();
    await session.release();

    const rounded = values.map((v) => (Math.max(0, Math.min(255, Math.round(v / scale) + zeroPoint)) - zeroPoint) * scale);
    // Some lie beyond what 8 bits hold: −100 and 155 steps.
    expect(values.some((v) => v < -100 * scale) && values.some((v) => v > 155 * scale)).toBe(true);
    for (let o = 0; o < outputs; o++) {
      const own = weights.subarray(3 * o, 3 * o + 3);
      const step = Math.max(...own.map(Math.abs)) / 127 || 1e-12;
      const shift = Math.round((shifts[o] ?? 0) / (step * scale)) * step * scale;
      for (let i = 0; i < pixels; i++) {
        const expected = [0, 1, 2].reduce(
          (sum, c) => sum + Math.round((own[c] ?? 0) / step) * step * (rounded[c * pixels + i] ?? 0),
          shift,
        );
        // Rounding halves to even may fall the other way: one step of one weight.
        expect(Math.abs((actual[o * pixels + i] ?? Number.NaN) - expected), `output ${o}, pixel ${i}`).toBeLessThan(
          1e-5 * (127 * step) + 1e-9,
        );
      }
    }
  });
});
