// Maps at the sizes of others, and pooled values at every pixel of one.

import { expandSpatial, mapShape, resizeAligned, resizeBilinear, resizeNearest, type ResizeMode, type Tensor } from '../graph/index.js';

const resizers = { bilinear: resizeBilinear, aligned: resizeAligned, nearest: resizeNearest } as const satisfies Record<
  ResizeMode,
  unknown
>;

/** x at the height and width of `like`. */
export function atSizeOf(like: Tensor, x: Tensor, mode: ResizeMode = 'bilinear'): Tensor {
  const [, , h, w] = mapShape(like.shape, 'decoder');
  return resizers[mode](x, h, w, like);
}

/** One value a channel, [B, C, 1, 1], at every pixel of a map like this. */
export function spreadOver(like: Tensor, pooled: Tensor): Tensor {
  const [, , h, w] = mapShape(like.shape, 'decoder');
  return expandSpatial(pooled, h, w, like);
}
