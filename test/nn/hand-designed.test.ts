// Hand-designed decoders: the sizes that their definitions come to, and what is refused.

import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/core/errors/index.js';
import { input } from '../../src/core/graph/index.js';
import { buildMobileNetV2, buildNetwork, costOf, Scope } from '../../src/core/nn/index.js';
import { decoderSizeOf, handDesigned, handDesignedNames, type HandDesignedName } from '../../src/core/space/index.js';

/** Parameters and multiply-adds (of the decoder, millions, at 480×360) for 11 and for 21 classes. */
type Row = readonly [HandDesignedName, number, readonly [number, number], readonly [number, number]];

/** Counted in PyTorch from the decoders' definitions. */
const table: readonly Row[] = [
  ['lr-aspp', 256, [167_542, 170_442], [23.4, 31.2]],
  ['lr-aspp', 128, [83_958, 85_578], [12.2, 16.5]],
  ['lr-aspp', 64, [42_166, 43_146], [6.6, 9.2]],
  ['deeplabv3plus', 256, [905_531, 908_101], [1765.2, 1792.8]],
  ['deeplabv3plus', 128, [340_291, 341_581], [481.5, 495.4]],
  ['deeplabv3plus', 64, [145_991, 146_641], [141.1, 148.0]],
  ['fpn', 256, [4_107_403, 4_108_693], [13_747.0, 13_760.9]],
  ['fpn', 128, [1_058_379, 1_059_029], [3470.6, 3477.5]],
  ['fpn', 64, [280_363, 280_693], [884.6, 888.0]],
  ['unet', 256, [2_160_075, 2_165_845], [3774.4, 3836.6]],
  ['unet', 128, [794_347, 797_237], [1188.2, 1219.3]],
  ['unet', 64, [325_755, 327_205], [419.4, 434.9]],
  ['lw-refinenet', 256, [1_391_371, 1_414_421], [4394.9, 4643.7]],
  ['lw-refinenet', 128, [384_395, 395_925], [1197.2, 1321.6]],
  ['lw-refinenet', 64, [114_379, 120_149], [348.5, 410.7]],
];

/** MobileNet-v2 as torchvision has it, up to its 320 channels. */
const encoder = { padding: 'torch', expandsFirst: false } as const;
const encoderParameters = 1_811_712;

function build(kind: HandDesignedName, width: number, outputs: number) {
  const scope = Scope.root('inference');
  const image = input('image', [1, 3, 360, 480]);
  const { logits } = buildNetwork(scope, image, { genotype: { kind }, encoder, decoder: { outputs, width, sepRepeats: 1 } });
  return { scope, logits };
}

describe('the definitions', () => {
  const encoderMultiplyAdds = ((): number => {
    const taps = buildMobileNetV2(Scope.root('inference'), input('image', [1, 3, 360, 480]), encoder);
    return costOf(Scope.root('inference'), taps).multiplyAdds;
  })();

  test('the encoder has those that its definition comes to', () => {
    expect((encoderMultiplyAdds / 1e6).toFixed(1)).toBe('983.6');
  });

  test.each(table)('%s with C = %i has their parameters and multiply-adds', (kind, width, parameters, millions) => {
    [11, 21].forEach((outputs, i) => {
      const { scope, logits } = build(kind, width, outputs);
      const cost = costOf(scope, [logits]);
      expect(cost.parameters - encoderParameters).toBe(parameters[i]);
      expect(cost.parametersInUse).toBe(cost.parameters);
      expect(((cost.multiplyAdds - encoderMultiplyAdds) / 1e6).toFixed(1)).toBe(millions[i]?.toFixed(1));
    });
  });

  test.each(handDesignedNames)('%s gives logits at 1/4, lr-aspp at 1/8', (kind) => {
    const { logits } = build(kind, 64, 11);
    expect(logits.shape).toEqual(kind === 'lr-aspp' ? [1, 11, 45, 60] : [1, 11, 90, 120]);
  });
});

describe('sizes', () => {
  test('C is 128 unless it is said, whatever genotypes have', () => {
    expect(decoderSizeOf({ kind: 'fpn' }, {})).toEqual({ width: 128, sepRepeats: 1 });
    expect(decoderSizeOf({ kind: 'fpn' }, { width: 64 }, { width: 48, sepRepeats: 2 })).toEqual({ width: 64, sepRepeats: 1 });
    expect(decoderSizeOf({ cell: { first: 0, rounds: [] }, connections: [[3, 3]] }, { sepRepeats: 1 })).toEqual({
      width: 64,
      sepRepeats: 1,
    });
  });

  test('a width whose fractions are not whole is refused, with what is taken', () => {
    expect(() => build('deeplabv3plus', 100, 11)).toThrow(UserError);
    expect(() => build('deeplabv3plus', 100, 11)).toThrow('deeplabv3plus takes a width that is a multiple of 16, not 100');
    expect(() => decoderSizeOf({ kind: 'unet' }, { width: 130 })).toThrow('a multiple of 4, not 130');
    expect(() => decoderSizeOf({ kind: 'unet' }, { sepRepeats: 2 })).toThrow('unet has no cells');
  });

  test('names that are none', () => {
    expect(handDesigned('fpn')).toEqual({ kind: 'fpn' });
    expect(handDesigned('pspnet')).toBeUndefined();
    expect(handDesigned('constructor')).toBeUndefined();
  });
});
