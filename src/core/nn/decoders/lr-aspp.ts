// Lite R-ASPP (A. Howard et al., Searching for MobileNetV3, arXiv 1905.02244, section 6.4): a gated 1×1 convolution of the deepest map
// beside one of a finer map. As torchvision has it, on the deepest map at 1/32 instead of a dilated one at 1/16.

import { add, mul, sigmoid, spatialMean, type Tensor } from '../../graph/index.js';
import { conv, convBnRelu } from '../layers.js';
import { atSizeOf } from '../map-sizes.js';
import type { Scope } from '../scope.js';
import type { HandDesignedOptions, Taps } from './taps.js';

export function liteRaspp(scope: Scope, [, t8, , t32]: Taps, { outputs, width }: HandDesignedOptions): Tensor {
  const features = convBnRelu(scope.child('cbr'), t32, width);
  const gate = sigmoid(conv(scope.child('scale'), spatialMean(t32), width, 1));
  const x = atSizeOf(t8, mul(features, gate));
  const high = conv(scope.child('high_classifier'), x, outputs, 1, { bias: true });
  return add(high, conv(scope.child('low_classifier'), t8, outputs, 1, { bias: true }));
}
