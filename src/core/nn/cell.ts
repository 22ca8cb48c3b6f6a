// A cell, built as its genotype says (paper, section 3.1.2).

import { add, mapShape, spatialMean, type Tensor, zerosLike } from '../graph/index.js';
import { type Cell, cellOp, looseEnds } from '../space/index.js';
import { conv, convBatchNorm, convBnRelu } from './layers.js';
import { spreadOver } from './map-sizes.js';
import type { Scope } from './scope.js';

export interface CellOptions {
  /** How often a separable convolution's (depthwise, 1×1, BN, ReLU) is repeated: 1 in search, 2 in final training. */
  readonly sepRepeats: number;
}

/** @returns the cell's output, of x's shape. */
export function buildCell(scope: Scope, x: Tensor, cell: Cell, options: CellOptions): Tensor {
  const ops = scope.child('_ops');
  const pool: Tensor[] = [x];
  const at = (position: number): Tensor => {
    const t = pool[position];
    if (!t) throw new RangeError(`the cell has no position ${position}`);
    return t;
  };
  pool.push(buildOp(ops.child(0), x, cell.first, options));
  cell.rounds.forEach(({ positions, ops: picked }, r) => {
    // `_ops` counts op a, op b and a parameterless sum per round.
    const a = buildOp(ops.child(1 + 3 * r), at(positions[0]), picked[0], options);
    const b = buildOp(ops.child(2 + 3 * r), at(positions[1]), picked[1], options);
    pool.push(a, b, add(a, b));
  });
  return looseEnds(cell).map(at).reduce(add);
}

function buildOp(scope: Scope, x: Tensor, index: number, { sepRepeats }: CellOptions): Tensor {
  const { kind, kernel, dilation } = cellOp(index);
  const [, channels] = mapShape(x.shape, 'cell');
  switch (kind) {
    case 'conv':
      return convBnRelu(scope, x, channels, kernel, dilation);
    case 'separable': {
      const padding = (dilation * (kernel - 1)) / 2;
      let y = x;
      for (let r = 0; r < sepRepeats; r++) {
        const repeat = scope.child('op').child(`sep_${r}`);
        y = conv(repeat.child(0), y, channels, kernel, { dilation, padding, groups: channels });
        y = convBatchNorm(repeat.child(1), repeat.child(2), y, channels, 1, { activation: 'relu' });
      }
      return y;
    }
    case 'pool':
      return spreadOver(x, convBnRelu(scope.child('conv1x1'), spatialMean(x), channels));
    case 'skip':
      return x;
    case 'none':
      return zerosLike(x);
  }
}
