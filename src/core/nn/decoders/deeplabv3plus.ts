// DeepLabv3+ (L.-C. Chen et al., arXiv 1802.02611): atrous spatial pyramid pooling of the deepest map, refined with a fine one. Rates are half the
// paper's for stride 16, since the deepest map here has stride 32: the reach in pixels is the same.

import { concat, mapShape, spatialMean, type Tensor } from '../../graph/index.js';
import { conv, convBatchNorm, convBnRelu } from '../layers.js';
import { atSizeOf, spreadOver } from '../map-sizes.js';
import type { Scope } from '../scope.js';
import { dropout } from '../dropout.js';
import type { HandDesignedOptions, Taps } from './taps.js';

const rates = [3, 6, 9] as const;

export function deeplabV3Plus(scope: Scope, [t4, , , t32]: Taps, { outputs, width }: HandDesignedOptions): Tensor {
  const aspp = scope.child('aspp');
  const branches = [
    convBnRelu(aspp.child(0), t32, width),
    ...rates.map((rate, i) => separable(aspp.child(1 + i), t32, width, rate)),
    spreadOver(t32, convBnRelu(aspp.child(4), spatialMean(t32), width)),
  ];
  const deep = dropout(scope, convBnRelu(scope.child('project'), concat(branches, 1), width), { share: 0.1, of: 'values' });
  const low = convBnRelu(scope.child('low_level'), t4, (3 * width) / 16);
  const joined = concat([atSizeOf(t4, deep), low], 1);
  const x = separable(scope.child('refine').child(1), separable(scope.child('refine').child(0), joined, width, 1), width, 1);
  return conv(scope.child('classifier'), x, outputs, 1, { bias: true });
}

/** Depthwise 3×3 and 1×1, each with batch normalisation and ReLU. */
function separable(scope: Scope, x: Tensor, outputs: number, dilation: number): Tensor {
  const [, groups] = mapShape(x.shape, 'deeplabv3plus');
  const depthwise = scope.child('depthwise');
  const options = { dilation, padding: dilation, groups, activation: 'relu' } as const;
  return convBnRelu(scope.child('pointwise'), convBatchNorm(depthwise.child(0), depthwise.child(1), x, groups, 3, options), outputs);
}
