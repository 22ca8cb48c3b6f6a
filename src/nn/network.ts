// The whole network: encoder and decoder under one root, as it is counted, exported and written to a file.

import type { Tensor } from '../graph/index.js';
import type { Genotype } from '../space/index.js';
import { buildDecoder, type DecoderOptions, type DecoderOutput } from './decoder.js';
import { buildMobileNetV2, type EncoderOptions } from './mobilenet-v2.js';
import type { Scope } from './scope.js';

export interface NetworkOptions {
  readonly genotype: Genotype;
  readonly encoder: EncoderOptions;
  readonly decoder: DecoderOptions;
}

/** PyTorch's convention, with the expansion of the first stage that the authors' encoder has. */
export const torchEncoder: EncoderOptions = { padding: 'torch', expandsFirst: true };

/** Parameters are named `encoder.…` and `decoder.…`. @param image [B, 3, H, W], normalised */
export function buildNetwork(scope: Scope, image: Tensor, { genotype, encoder, decoder }: NetworkOptions): DecoderOutput {
  const taps = buildMobileNetV2(scope.child('encoder'), image, encoder);
  return buildDecoder(scope.child('decoder'), taps, genotype, decoder);
}
