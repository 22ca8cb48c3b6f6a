// Mean over the pixels of a map, and its transpose.

import { type Dim, isStatic, mapShape, staticMap } from '../dim.js';
import { blockedPixels } from '../onnx/blocked.js';
import { defineOp, scalar, type Tensor } from '../tensor.js';
import { mul } from './elementwise.js';

/** Global average pooling: [B, C, H, W] → [B, C, 1, 1]; dx = dy / HW at every pixel. */
export function spatialMean(x: Tensor): Tensor {
  const [b, c] = mapShape(x.shape, 'spatialMean');
  const y: Tensor = defineOp({
    op: { kind: 'spatialMean' },
    inputs: [x],
    shape: [b, c, 1, 1],
    gradient: ([dy]) => {
      if (!dy) return [];
      const [, , h, w] = staticMap(x.shape, 'gradient of spatialMean');
      return [expandSpatial(mul(dy, scalar(1 / (h * w))), h, w)];
    },
    lower: (e) => {
      if (e.blockSize > 0 && c % e.blockSize === 0 && e.layoutOf(x) === 'blocked') {
        const mean = e.emit('ReduceMean', [blockedPixels(e, x).name, e.ints([1])], { keepdims: 0 });
        e.define(y, e.reshape(mean, staticMap(y.shape, 'spatialMean')));
      } else e.define(y, e.emit('GlobalAveragePool', [e.plain(x)]));
    },
  });
  return y;
}

/** Sum over the pixels: [B, C, H, W] → [B, C, 1, 1]. */
function spatialSum(x: Tensor): Tensor {
  const [, , h, w] = staticMap(x.shape, 'spatialSum');
  return mul(spatialMean(x), scalar(h * w));
}

/**
 * One value a channel, [B, C, 1, 1], at every pixel: [B, C, H, W]; dx = the sum of dy over the pixels.
 * @param like whose open sizes (of deployed models) these are
 */
export function expandSpatial(x: Tensor, h: Dim, w: Dim, like?: Tensor): Tensor {
  const [batch, channels] = mapShape(x.shape, 'expandSpatial');
  if (typeof h !== 'number' || typeof w !== 'number' || !isStatic(x.shape)) {
    const open: Tensor = defineOp({
      op: { kind: 'expandSpatial' },
      inputs: like ? [x, like] : [x],
      shape: [batch, channels, h, w],
      lower: (e) => e.define(open, e.emit('Expand', [e.plain(x), e.sizes(open.shape)])),
    });
    return open;
  }
  const [b, c] = staticMap(x.shape, 'expandSpatial');
  if (h === 1 && w === 1) return x;
  const y: Tensor = defineOp({
    op: { kind: 'expandSpatial' },
    inputs: [x],
    shape: [b, c, h, w],
    gradient: ([dy]) => [dy && spatialSum(dy)],
    lower: (e) => {
      if (e.blockSize > 0 && c % e.blockSize === 0) {
        const groups = (b * c) / e.blockSize;
        const pixels = e.emit('Expand', [e.reshape(e.plain(x), [groups, 1, e.blockSize]), e.ints([groups, h * w, e.blockSize])]);
        e.define(y, e.reshape(pixels, [b, c, h, w]), 'blocked');
      } else e.define(y, e.emit('Expand', [e.plain(x), e.ints([b, c, h, w])]));
    },
    lowerAccumulating: (e, addend) => {
      if (c % e.blockSize !== 0) return undefined;
      const groups = (b * c) / e.blockSize;
      const sum = e.emit('Add', [e.reshape(addend, [groups, h * w, e.blockSize]), e.reshape(e.plain(x), [groups, 1, e.blockSize])]);
      return e.reshape(sum, [b, c, h, w]);
    },
  });
  return y;
}
