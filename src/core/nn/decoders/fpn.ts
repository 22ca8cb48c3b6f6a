// Semantic FPN (A. Kirillov et al., arXiv 1901.02446, section 3.1): a feature pyramid, and of every level a head that brings it to 1/4.
// Batch normalisation in place of group normalisation, since it folds into the convolutions.

import { add, type Tensor } from '../../graph/index.js';
import { dropout } from '../dropout.js';
import { conv, convBnRelu } from '../layers.js';
import { atSizeOf } from '../map-sizes.js';
import type { Scope } from '../scope.js';
import type { HandDesignedOptions, Taps } from './taps.js';

export function semanticFpn(scope: Scope, taps: Taps, { outputs, width }: HandDesignedOptions): Tensor {
  const [t4, t8, t16] = taps;
  const lateral = (tap: Tensor, i: number): Tensor => conv(scope.child('laterals').child(i), tap, width, 1, { bias: true });
  const pyramid: Tensor[] = [];
  for (const [i, tap] of [...taps.entries()].reverse()) {
    const [above] = pyramid;
    const own = lateral(tap, i);
    pyramid.unshift(above ? add(own, atSizeOf(tap, above, 'nearest')) : own);
  }
  const heads = pyramid.map((sum, i) => {
    const level = conv(scope.child('pyramid').child(i), sum, width, 3, { padding: 1, bias: true });
    const head = scope.child('heads').child(i);
    // The sizes on the way to 1/4, nearest first; at 1/4 one convolution and no way.
    const way = [t4, t8, t16].slice(0, i).reverse();
    if (way.length === 0) return convBnRelu(head.child(0), level, width / 2, 3);
    return way.reduce((x, tap, k) => atSizeOf(tap, convBnRelu(head.child(k), x, width / 2, 3)), level);
  });
  const features = dropout(scope, heads.reduce(add), { share: 0.1, of: 'channels' });
  return conv(scope.child('classifier'), features, outputs, 1, { bias: true });
}
