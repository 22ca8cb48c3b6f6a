// Which hand-designed decoder is built by what.

import { UserError } from '../../errors/index.js';
import { GraphError, type Tensor } from '../../graph/index.js';
import { type HandDesigned, type HandDesignedName, widthProblem } from '../../space/index.js';
import type { Scope } from '../scope.js';
import { deeplabV3Plus } from './deeplabv3plus.js';
import { lightweightRefinenet } from './lw-refinenet.js';
import { liteRaspp } from './lr-aspp.js';
import { semanticFpn } from './fpn.js';
import type { HandDesignedOptions, Taps } from './taps.js';
import { unet } from './unet.js';

/** @returns logits [B, outputs, h, w] */
type Builder = (scope: Scope, taps: Taps, options: HandDesignedOptions) => Tensor;

const builders: Readonly<Record<HandDesignedName, Builder>> = {
  'lr-aspp': liteRaspp,
  deeplabv3plus: deeplabV3Plus,
  fpn: semanticFpn,
  unet,
  'lw-refinenet': lightweightRefinenet,
};

/** @returns logits [B, outputs, h, w] at 1/4, of lr-aspp at 1/8 @throws UserError where inner widths would not be whole */
export function buildHandDesigned(scope: Scope, taps: readonly Tensor[], decoder: HandDesigned, options: HandDesignedOptions): Tensor {
  const [t4, t8, t16, t32] = taps;
  if (!t4 || !t8 || !t16 || !t32) throw new GraphError(`${decoder.kind}: needs four taps, got ${taps.length}`);
  const problem = widthProblem(decoder, options.width);
  if (problem !== undefined) throw new UserError(problem);
  return builders[decoder.kind](scope, [t4, t8, t16, t32], options);
}
