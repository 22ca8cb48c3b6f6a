// Matrix product of two matrices, with optional transposition of either.

import { formatShape, GraphError, staticShape } from '../dim.js';
import { defineOp, type Tensor } from '../tensor.js';

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Y = op(A) · op(B) for matrices; dA = dY · Bᵀ, dB = Aᵀ · dY (and their transposes). */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const [ar = 0, ac = 0] = staticShape(a.shape, 'matmul');
  const [br = 0, bc = 0] = staticShape(b.shape, 'matmul');
  const [m, k] = transposeA ? [ac, ar] : [ar, ac];
  const [k2, n] = transposeB ? [bc, br] : [br, bc];
  if (a.shape.length !== 2 || b.shape.length !== 2 || k !== k2)
    throw new GraphError(`matmul: ${formatShape(a.shape)}${transposeA ? 'ᵀ' : ''} · ${formatShape(b.shape)}${transposeB ? 'ᵀ' : ''}`);
  const y: Tensor = defineOp({
    op: { kind: 'matmul', transposeA, transposeB },
    inputs: [a, b],
    shape: [m, n],
    gradient: ([dy]) => {
      if (!dy) return [];
      const da = transposeA ? matmul(b, dy, { transposeA: transposeB, transposeB: true }) : matmul(dy, b, { transposeB: !transposeB });
      const db = transposeB ? matmul(dy, a, { transposeA: true, transposeB: transposeA }) : matmul(a, dy, { transposeA: !transposeA });
      return [da, db];
    },
    lower: (e) => e.define(y, e.emit('Gemm', [e.plain(a), e.plain(b)], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 })),
  });
  return y;
}
