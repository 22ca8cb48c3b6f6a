// Dropout (N. Srivastava et al., JMLR 15, 2014; whole channels: J. Tompson et al., arXiv 1411.4280), in training only: what is left is
// scaled up by 1 / (1 − share). What is left out is fed at every step, since a graph draws nothing by itself.

import { input, mapShape, mul, staticShape, type Tensor } from '../graph/index.js';
import type { Random } from '../random/index.js';
import type { DropoutMask, Scope } from './scope.js';

export interface DropoutOptions {
  /** Of what is left out. */
  readonly share: number;
  readonly of: 'values' | 'channels';
}

export function dropout(scope: Scope, x: Tensor, { share, of }: DropoutOptions): Tensor {
  if (scope.mode !== 'training') return x;
  const [b, c, h, w] = mapShape(x.shape, 'dropout');
  const shape = staticShape(of === 'values' ? [b, c, h, w] : [b, c, 1, 1], 'dropout');
  return mul(x, input(scope.mask(shape, share), shape));
}

/** One step's mask. */
export function drawMask({ shape, share }: DropoutMask, random: Random): Float32Array {
  const kept = 1 / (1 - share);
  return Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => (random.next() < share ? 0 : kept));
}
