// The decoder. One of a genotype: adapted taps, blocks of two cells each, the head, and the auxiliary heads of training.

import { add, concat, relu, type Tensor } from '../graph/index.js';
import { type Architecture, type Genotype, isHandDesigned, outputBlocks } from '../space/index.js';
import { buildCell } from './cell.js';
import { buildHandDesigned } from './decoders/hand-designed.js';
import { convOfJoined, toLarger } from './joined-maps.js';
import { conv, convBnRelu } from './layers.js';
import type { Scope } from './scope.js';

export interface DecoderOptions {
  readonly outputs: number;
  /** The common width C of all maps: 48 in search, 64 in final training, 128 in hand-designed ones. */
  readonly width: number;
  /** Of a genotype's separable convolutions. */
  readonly sepRepeats: number;
  readonly auxiliary?: boolean;
}

export interface DecoderOutput {
  /** [B, outputs, h, w], h × w that of the largest map in use; at 1/8 in lr-aspp. */
  readonly logits: Tensor;
  /** One per block, [B, outputs, h_b, w_b]; empty without auxiliary heads, which hand-designed ones have none of. */
  readonly auxiliary: readonly Tensor[];
}

/** @param taps the encoder's four maps, from 1/4 to 1/32. */
export function buildDecoder(scope: Scope, taps: readonly Tensor[], architecture: Architecture, options: DecoderOptions): DecoderOutput {
  if (isHandDesigned(architecture)) return { logits: buildHandDesigned(scope, taps, architecture, options), auxiliary: [] };
  return buildFromGenotype(scope, taps, architecture, options);
}

function buildFromGenotype(scope: Scope, taps: readonly Tensor[], genotype: Genotype, options: DecoderOptions): DecoderOutput {
  const { outputs, width, sepRepeats } = options;
  const pool = taps.map((tap, i) => convBnRelu(scope.child(`adapt${i + 1}`), tap, width));
  const blocks = genotype.connections.map((pair, b) => {
    const block = scope.child('cells').child(b);
    const branches = pair.map((index, k) => {
      const x = pool[index];
      if (!x) throw new RangeError(`block ${b + 1} has no input ${index}`);
      const y = buildCell(block.child(`op_${k + 1}`), x, genotype.cell, { sepRepeats });
      return convBnRelu(block.child('agg').child(`branch_${k + 1}`), y, width);
    });
    const sum = branches.reduce((p, q) => add(...toLarger(p, q)));
    pool.push(sum);
    return sum;
  });

  const auxiliary = blocks.flatMap((block, b) => {
    if (!options.auxiliary) return [];
    const head = scope.child('aux_clfs').child(b);
    const y = buildCell(head.child('aux_cell'), block, genotype.cell, { sepRepeats });
    return [conv(head.child('aux_clf'), y, outputs, 3, { padding: 1, bias: true })];
  });

  const ends = outputBlocks(genotype).flatMap((b) => blocks[b] ?? []);
  const head = scope.child('pre_clf');
  const features =
    scope.mode === 'folded'
      ? convOfJoined(head, ends, width)
      : convBnRelu(head, relu(ends.reduce((p, q) => concat(toLarger(p, q), 1))), width);
  const logits = conv(scope.child('conv_clf'), features, outputs, 3, { padding: 1, bias: true });
  return { logits, auxiliary };
}
