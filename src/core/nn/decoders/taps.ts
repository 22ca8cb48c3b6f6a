// What every hand-designed decoder is built from.

import type { Tensor } from '../../graph/index.js';

/** The encoder's four maps, from 1/4 to 1/32. */
export type Taps = readonly [Tensor, Tensor, Tensor, Tensor];

export interface HandDesignedOptions {
  readonly outputs: number;
  /** C, from which all inner widths follow. */
  readonly width: number;
}
