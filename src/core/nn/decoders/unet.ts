// U-Net (O. Ronneberger et al., arXiv 1505.04597), on an encoder as segmentation_models.pytorch has it: from the deepest map up, two
// convolutions a step on what is below and the tap beside it. It ends at 1/4, the finest tap.

import { concat, type Tensor } from '../../graph/index.js';
import { conv, convBnRelu } from '../layers.js';
import { atSizeOf } from '../map-sizes.js';
import type { Scope } from '../scope.js';
import type { HandDesignedOptions, Taps } from './taps.js';

export function unet(scope: Scope, [t4, t8, t16, t32]: Taps, { outputs, width }: HandDesignedOptions): Tensor {
  const features = [t16, t8, t4].reduce((x, skip, i) => {
    const block = scope.child('blocks').child(i);
    const channels = width / 2 ** i;
    const joined = concat([atSizeOf(skip, x, 'nearest'), skip], 1);
    return convBnRelu(block.child(1), convBnRelu(block.child(0), joined, channels, 3), channels, 3);
  }, t32);
  return conv(scope.child('classifier'), features, outputs, 3, { padding: 1, bias: true });
}
