// The encoder: MobileNet-v2 with four taps, under the authors' parameter names.

import { add, relu6, type Tensor } from '../graph/index.js';
import { encoderStages, encoderTaps, stemChannels } from '../space/index.js';
import { batchNorm, conv } from './layers.js';
import type { Scope } from './scope.js';

export interface EncoderOptions {
  /** `torch` pads strided convolutions by 1 on both sides, `tf-same` as TensorFlow does. A convention of the weights. */
  readonly padding: 'torch' | 'tf-same';
  /** Whether the first stage (expansion 1) has an expansion convolution all the same, as in the authors' code. */
  readonly expandsFirst: boolean;
}

/**
 * @param image [B, 3, H, W], normalised as the weights ask
 * @returns maps of 24, 32, 96 and 320 channels at 1/4, 1/8, 1/16 and 1/32
 */
export function buildMobileNetV2(scope: Scope, image: Tensor, options: EncoderOptions): Tensor[] {
  const padding = options.padding === 'torch' ? 1 : 'tf-same';
  const stem = scope.child('layer1');
  let x = relu6(batchNorm(stem.child(1), conv(stem.child(0), image, stemChannels, 3, { stride: 2, padding })));
  let inputs = stemChannels;
  const outputs = encoderStages.map(({ expansion, channels, repeats, stride }, s) => {
    for (let i = 0; i < repeats; i++) {
      const layers = scope
        .child(`layer${s + 2}`)
        .child(i)
        .child('conv');
      const step = i === 0 ? stride : 1;
      const hidden = inputs * expansion;
      let y = x;
      if (expansion > 1 || options.expandsFirst) y = relu6(batchNorm(layers.child(1), conv(layers.child(0), y, hidden, 1)));
      y = relu6(batchNorm(layers.child(4), conv(layers.child(3), y, hidden, 3, { stride: step, padding, groups: hidden })));
      y = batchNorm(layers.child(7), conv(layers.child(6), y, channels, 1));
      x = step === 1 && inputs === channels ? add(x, y) : y;
      inputs = channels;
    }
    return x;
  });
  return encoderTaps.map(({ stage }) => outputs[stage] ?? x);
}
