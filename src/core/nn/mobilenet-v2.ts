// The encoder: MobileNet-v2 with four taps, under the authors' parameter names.

import { add, type Tensor } from '../graph/index.js';
import { encoderStages, encoderTaps, stemChannels } from '../space/index.js';
import { convBatchNorm } from './layers.js';
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
  const activation = 'relu6';
  let x = convBatchNorm(stem.child(0), stem.child(1), image, stemChannels, 3, { stride: 2, padding, activation });
  let inputs = stemChannels;
  const outputs = encoderStages.map(({ expansion, channels, repeats, stride }, s) => {
    for (let i = 0; i < repeats; i++) {
      const block = scope.child(`layer${s + 2}`).child(i);
      const layer = (k: number, map: Tensor, outputs: number, kernel: number, more: Parameters<typeof convBatchNorm>[5] = {}): Tensor =>
        convBatchNorm(block.child('conv').child(k), block.child('conv').child(k + 1), map, outputs, kernel, more);
      const step = i === 0 ? stride : 1;
      const hidden = inputs * expansion;
      let y = x;
      if (expansion > 1 || options.expandsFirst) y = layer(0, y, hidden, 1, { activation });
      y = layer(3, y, hidden, 3, { stride: step, padding, groups: hidden, activation });
      y = layer(6, y, channels, 1);
      x = step === 1 && inputs === channels ? add(x, y) : y;
      inputs = channels;
    }
    return x;
  });
  return encoderTaps.map(({ stage }) => outputs[stage] ?? x);
}
