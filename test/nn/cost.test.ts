import { describe, expect, test } from 'vitest';
import { add, input, type Tensor, topologicalOrder } from '../../src/core/graph/index.js';
import { buildDecoder, buildNetwork, conv, convBnRelu, costOf, partCosts, Scope, torchEncoder } from '../../src/core/nn/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';

describe('cost', () => {
  // Method, section 1: without auxiliary heads, 21 classes, C = 64, sepRepeats = 2, encoder included.
  test.each([
    ['arch0', 2_629_909],
    ['arch1', 2_810_133],
    ['arch2', 2_853_141],
  ] as const)('%s has the published number of parameters', (name, parameters) => {
    const scope = Scope.root('inference');
    const decoder = { outputs: 21, width: 64, sepRepeats: 2 };
    const { logits } = buildNetwork(scope, input('image', [1, 3, 64, 64]), {
      genotype: parseGenotype(publishedGenotypes[name]),
      encoder: torchEncoder,
      decoder,
    });
    expect(costOf(scope, [logits]).parameters).toBe(parameters);
  });

  test('a network small enough to count by hand', () => {
    // One block of two skip cells on taps of 1/4 and 1/8, width 8, 3 classes.
    const scope = Scope.root('inference');
    const taps = [
      [24, 8, 8],
      [32, 4, 4],
      [96, 2, 2],
      [320, 1, 1],
    ].map(([c = 0, h = 0, w = 0], i) => input(`tap${i}`, [1, c, h, w]));
    const { logits } = buildDecoder(scope, taps, parseGenotype('[[9], [[0,1]]]'), { outputs: 3, width: 8, sepRepeats: 1 });
    const cost = costOf(scope, [logits]);
    const bn = 2 * 8;
    const adapt = (24 + 32 + 96 + 320) * 8 + 4 * bn;
    const rest = 2 * (64 + bn) + (64 + bn) + (8 * 3 * 9 + 3);
    expect(cost.parameters).toBe(adapt + rest);
    // Taps 2 and 3 are not used.
    expect(cost.parametersInUse).toBe(adapt + rest - (96 + 320) * 8 - 2 * bn);
    expect(cost.multiplyAdds).toBe(24 * 8 * 64 + 32 * 8 * 16 + 64 * 64 + 64 * 16 + 64 * 64 + 8 * 3 * 9 * 64);
  });

  test('a dilated kernel whose outer taps meet padding only is counted whole, as the literature does, and computed cropped', () => {
    const scope = Scope.root('inference');
    const x = input('x', [1, 8, 6, 8]);
    // Dilation 12 on 6 × 8: of nine taps the middle one is left.
    const y = convBnRelu(scope.child('wide'), x, 16, 3, 12);
    const cost = costOf(scope, [y]);
    expect(cost.multiplyAdds).toBe(8 * 16 * 9 * 48);
    expect(cost.parameters).toBe(8 * 16 * 9 + 2 * 16);
    const [convolution] = topologicalOrder([y]).filter(({ op }) => op.kind === 'conv2d');
    expect(convolution?.inputs[1]?.shape).toEqual([16, 8, 1, 1]);
    // 14 × 8: three taps above one another.
    const tall = Scope.root('inference');
    const z = convBnRelu(tall, input('x', [1, 8, 14, 8]), 16, 3, 12);
    expect(costOf(tall, [z]).multiplyAdds).toBe(8 * 16 * 9 * 14 * 8);
    expect(topologicalOrder([z]).find(({ op }) => op.kind === 'conv2d')?.inputs[1]?.shape).toEqual([16, 8, 3, 1]);
    // The parts' figures are the same ones.
    const parts = partCosts({ genotype: parseGenotype('[[6], [[3,3]]]'), outputs: 3, width: 8, sepRepeats: 1, inputSize: [64, 96] });
    expect(parts('decoder.cells.0.op_1._ops.0.')).toEqual({ shape: [8, 2, 3], parameters: 8 * 8 * 9 + 16, multiplyAdds: 8 * 8 * 9 * 6 });
    expect(parts('decoder.nowhere.')).toEqual({ shape: undefined, parameters: 0, multiplyAdds: 0 });
  });

  test('the peak of activations: what lives at once, a map freed behind its last use', () => {
    const scope = Scope.root('inference');
    const pointwise = (name: string, t: Tensor, channels: number): Tensor => conv(scope.child(name), t, channels, 1);
    const x = input('x', [1, 4, 8, 8]);
    const a = pointwise('a', x, 8);
    const b = pointwise('b', a, 16);
    const c = pointwise('c', b, 2);
    // x 256, a 512, b 1024, c 128 values: x is gone when b is made, a when c is.
    const peak = (...outputs: Tensor[]): number => costOf(scope, outputs).activationBytes / 4;
    expect(peak(c)).toBe(512 + 1024);
    // An output stays to the end.
    expect(peak(a, c)).toBe(512 + 1024 + 128);
    // x is needed again at last.
    expect(peak(add(pointwise('d', b, 4), x))).toBe(256 + 512 + 1024);
    // The last sum: both summands and itself.
    expect(peak(add(a, a))).toBe(512 + 512);
    expect(costOf(scope, [c]).weightBytes).toBe(4 * (4 * 8 + 8 * 16 + 16 * 2));
  });

  test('what cannot reach the output is not in the graph', () => {
    const build = (text: string): number => {
      const scope = Scope.root('training');
      const taps = [24, 32, 96, 320].map((c, i) => input(`tap${i}`, [2, c, 16 >> i, 16 >> i]));
      const { logits } = buildDecoder(scope, taps, parseGenotype(text), { outputs: 3, width: 8, sepRepeats: 1 });
      return topologicalOrder([logits]).filter(({ op }) => op.kind === 'conv2d').length;
    };
    // Round 1 feeds round 2 through `none` only.
    expect(build('[[9, [0,0,1,1], [4,0,10,3]], [[0,1]]]')).toBe(build('[[9, [0,0,10,10], [4,0,10,3]], [[0,1]]]'));
  });
});
