// Means over axes.

import { axisOf, staticShape } from '../dim.js';
import { scalar, type Tensor } from '../tensor.js';
import { mul } from './elementwise.js';
import { reduceSum } from './reduce.js';

/** The mean over `axes`. */
export function reduceMean(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  const shape = staticShape(x.shape, 'reduceMean');
  const count = axes.reduce((n, a) => n * axisOf(shape, a), 1);
  return mul(reduceSum(x, axes, keepDims), scalar(1 / count));
}
