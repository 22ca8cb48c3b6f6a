// How wide a decoder is built, and how often its cells repeat, where that is not all said.

import { UserError } from '../errors/index.js';
import { type Architecture, isHandDesigned } from './architecture.js';
import { handDesignedWidth, widthProblem } from './hand-designed.js';

export interface DecoderSize {
  /** The common width C of all maps. */
  readonly width: number;
  /** Repetitions inside a separable convolution of a genotype's cells; 1 in decoders that people designed, which have no cells. */
  readonly sepRepeats: number;
}

/** As in the paper's final training. */
export const finalSize: DecoderSize = { width: 64, sepRepeats: 2 };

/**
 * @param byDefault of genotypes; hand-designed decoders have a width of their own
 * @throws UserError where the architecture cannot be built so
 */
export function decoderSizeOf(
  architecture: Architecture,
  { width, sepRepeats }: { readonly width?: number | undefined; readonly sepRepeats?: number | undefined },
  byDefault: DecoderSize = finalSize,
): DecoderSize {
  if (!isHandDesigned(architecture)) return { width: width ?? byDefault.width, sepRepeats: sepRepeats ?? byDefault.sepRepeats };
  if (sepRepeats !== undefined && sepRepeats !== 1)
    throw new UserError(`${architecture.kind} has no cells whose convolutions could be repeated ${sepRepeats} times; leave that out`);
  const chosen = width ?? handDesignedWidth;
  const problem = widthProblem(architecture, chosen);
  if (problem !== undefined) throw new UserError(problem);
  return { width: chosen, sepRepeats: 1 };
}
