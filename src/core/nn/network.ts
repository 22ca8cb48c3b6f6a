// The whole network: encoder and decoder under one root, as it is counted, exported and written to a file.

import { UserError } from '../errors/index.js';
import type { Tensor } from '../graph/index.js';
import { type Architecture, isHandDesigned } from '../space/index.js';
import { buildDecoder, type DecoderOptions, type DecoderOutput } from './decoder.js';
import { buildMobileNetV2, type EncoderOptions } from './mobilenet-v2.js';
import type { Scope } from './scope.js';

export interface NetworkOptions {
  readonly genotype: Architecture;
  readonly encoder: EncoderOptions;
  readonly decoder: DecoderOptions;
}

/** PyTorch's convention, with the expansion of the first stage that the authors' encoder has. */
export const torchEncoder: EncoderOptions = { padding: 'torch', expandsFirst: true };

/** Layers of the cells (the paper's networks have 84), and channels of a map. */
const most = { layers: 4000, width: 4096, outputs: 65_536 };

/** What is wrong with the size of a network, before anything is built of it; undefined where nothing is. */
export function oversize(architecture: Architecture, { width, sepRepeats, outputs }: DecoderOptions): string | undefined {
  if (!isHandDesigned(architecture)) {
    const { cell, connections } = architecture;
    const layers = 2 * connections.length * (1 + 2 * cell.rounds.length) * sepRepeats;
    if (layers > most.layers)
      return `${connections.length} blocks of ${cell.rounds.length} rounds with sepRepeats ${sepRepeats} make ${layers} layers; at most ${most.layers} are built`;
  }
  if (width > most.width) return `a width of ${width} channels; at most ${most.width} are built`;
  if (outputs > most.outputs) return `${outputs} output channels; at most ${most.outputs} are built`;
  return undefined;
}

/** Parameters are named `encoder.…` and `decoder.…`. @param image [B, 3, H, W], normalised @throws UserError beyond all sizes */
export function buildNetwork(scope: Scope, image: Tensor, { genotype, encoder, decoder }: NetworkOptions): DecoderOutput {
  const problem = oversize(genotype, decoder);
  if (problem !== undefined) throw new UserError(`the network is too large: ${problem}`);
  const taps = buildMobileNetV2(scope.child('encoder'), image, encoder);
  return buildDecoder(scope.child('decoder'), taps, genotype, decoder);
}
