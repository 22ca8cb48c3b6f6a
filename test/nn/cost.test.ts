import { describe, expect, test } from 'vitest';
import { input, topologicalOrder } from '../../src/graph/index.js';
import { buildDecoder, buildNetwork, costOf, Scope, torchEncoder } from '../../src/nn/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/space/index.js';

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

  test('what cannot reach the output is not in the graph', () => {
    const build = (text: string): number => {
      const scope = Scope.root('training');
      const taps = [24, 32, 96, 320].map((c, i) => input(`tap${i}`, [2, c, 16 >> i, 16 >> i]));
      const { logits } = buildDecoder(scope, taps, parseGenotype(text), { outputs: 3, width: 8, sepRepeats: 1 });
      return topologicalOrder([logits]).filter(({ op }) => op === 'conv2d').length;
    };
    // Round 1 feeds round 2 through `none` only.
    expect(build('[[9, [0,0,1,1], [4,0,10,3]], [[0,1]]]')).toBe(build('[[9, [0,0,10,10], [4,0,10,3]], [[0,1]]]'));
  });
});
