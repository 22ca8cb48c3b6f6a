// Light-Weight RefineNet (V. Nekrasov et al., arXiv 1810.03272), without batch normalisation and, but for the last convolution, bias.

import { add, maxPool, relu6, type Tensor } from '../../graph/index.js';
import { conv } from '../layers.js';
import { atSizeOf } from '../map-sizes.js';
import type { Scope } from '../scope.js';
import type { HandDesignedOptions, Taps } from './taps.js';

const poolings = 4;

export function lightweightRefinenet(scope: Scope, taps: Taps, { outputs, width }: HandDesignedOptions): Tensor {
  const adapted = (tap: Tensor, i: number): Tensor => conv(scope.child('adapt').child(i), tap, width, 1);
  const [t4, t8, t16, t32] = taps;
  const coarse = chainedPooling(scope.child('crp').child(0), relu6(adapted(t32, 0)), width);
  const features = [t16, t8, t4].reduce((y, tap, k) => {
    const below = atSizeOf(tap, conv(scope.child('up').child(k), y, width, 1), 'aligned');
    return chainedPooling(scope.child('crp').child(k + 1), relu6(add(adapted(tap, k + 1), below)), width);
  }, coarse);
  return conv(scope.child('classifier'), features, outputs, 3, { padding: 1, bias: true });
}

/** x and, one behind the other, four of a 1×1 convolution of the largest in 5×5, added up. */
function chainedPooling(scope: Scope, x: Tensor, width: number): Tensor {
  let t = x;
  let y = x;
  for (let i = 0; i < poolings; i++) {
    t = conv(scope.child(i), maxPool(t, 5), width, 1);
    y = add(y, t);
  }
  return y;
}
