// Elementwise ops with numpy's broadcasting. In the blocked layout they run on the bytes as they lie: the order of
// elements does not matter to them. Padding channels are 0 and stay 0: whether an op keeps them so follows from its formula
// on numbers, and where it does not (eˣ, a / b, x + 1) a map with padding channels is computed in the plain layout.

import { type Dim, formatShape, GraphError, isStatic, sameDim, sameShape, type Shape } from '../dim.js';
import type { Lowering } from '../lowering.js';
import { defineOp, scalar, type Tensor } from '../tensor.js';
import { reduceSum } from './reduce.js';
import { reshape } from './shape.js';

function broadcastShape(a: Shape, b: Shape, op: string): Shape {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (!sameDim(x, y) && x !== 1 && y !== 1)
      throw new GraphError(`${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not go together`);
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** Sums `t` over the axes along which a tensor of shape `shape` was broadcast: the gradient of broadcasting. */
function sumTo(t: Tensor, shape: Shape): Tensor {
  if (sameShape(t.shape, shape)) return t;
  const extra = t.shape.length - shape.length;
  const axes = t.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  const summed = reduceSum(t, axes, true);
  if (extra === 0) return summed;
  if (!isStatic(shape)) throw new GraphError(`sum to ${formatShape(shape)}: needs known sizes`);
  return reshape(summed, shape);
}

/** An elementwise op on numbers. */
type Formula = (...operands: number[]) => number;

/** Whether the formula makes 0 of the padding channels, which are 0 in every map that it takes. */
function keepsZero(operands: readonly Tensor[], formula: Formula): boolean {
  const values = operands.map((t) => (t.shape.length === 4 ? 0 : constantOf(t)));
  return !values.some(Number.isNaN) && formula(...values) === 0;
}

/** What a scalar is where the graph says so, else not a number. */
function constantOf({ node: { op } }: Tensor): number {
  return op.kind === 'constant' ? Number(op.data[0]) : Number.NaN;
}

/** True when the op should run on blocked maps: the result is a map and a full-size operand lies blocked. */
function runsBlocked(e: Lowering, y: Tensor): boolean {
  const { shape, node } = y;
  if (e.blockSize === 0 || shape.length !== 4 || !isStatic(shape)) return false;
  if (node.inputs.some((t) => !sameShape(t.shape, shape) && t.shape.length > 0)) return false;
  return mayBeBlocked(e, y) && node.inputs.some((t) => t.shape.length === 4 && e.layoutOf(t) === 'blocked');
}

/** Whether the padding channels of the result are 0 as those of the operands are, or there are none. */
function mayBeBlocked(e: Lowering, { shape: [, channels], node }: Tensor): boolean {
  return node.keepsZero === true || (typeof channels === 'number' && channels === e.paddedChannels(channels));
}

function lowerElementwise(e: Lowering, y: Tensor, write: (names: string[]) => string): void {
  const blocked = runsBlocked(e, y);
  const names = y.node.inputs.map((t) => (blocked && t.shape.length === 4 ? e.blocked(t) : e.plain(t)));
  e.define(y, write(names), blocked ? 'blocked' : 'plain');
}

function unary(
  kind: 'neg' | 'relu' | 'sigmoid' | 'tanh' | 'exp' | 'log' | 'sqrt' | 'softplus',
  x: Tensor,
  opType: string,
  formula: (v: number) => number,
  gradient: (dy: Tensor, y: Tensor) => Tensor | undefined,
): Tensor {
  const y: Tensor = defineOp({
    op: { kind },
    inputs: [x],
    keepsZero: keepsZero([x], (v = 0) => formula(v)),
    shape: x.shape,
    gradient: ([dy]) => [dy && gradient(dy, y)],
    lower: (e) => lowerElementwise(e, y, (names) => e.emit(opType, names)),
  });
  return y;
}

function binary(
  kind: 'sub' | 'mul' | 'div' | 'minimum',
  a: Tensor,
  b: Tensor,
  opType: string,
  formula: (a: number, b: number) => number,
  gradient: (dy: Tensor, y: Tensor) => [Tensor, Tensor],
): Tensor {
  const y: Tensor = defineOp({
    op: { kind },
    inputs: [a, b],
    keepsZero: keepsZero([a, b], (p = 0, q = 0) => formula(p, q)),
    shape: broadcastShape(a.shape, b.shape, kind),
    gradient: ([dy]) => {
      if (!dy) return [];
      const [da, db] = gradient(dy, y);
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    },
    lower: (e) => lowerElementwise(e, y, (names) => e.emit(opType, names)),
  });
  return y;
}

/** y = a + b; da = db = dy. */
export function add(a: Tensor, b: Tensor): Tensor {
  if (a.node.op.kind === 'zeros' && sameShape(a.shape, b.shape)) return b;
  if (b.node.op.kind === 'zeros' && sameShape(a.shape, b.shape)) return a;
  const y: Tensor = defineOp({
    op: { kind: 'add' },
    inputs: [a, b],
    keepsZero: keepsZero([a, b], (p = 0, q = 0) => p + q),
    shape: broadcastShape(a.shape, b.shape, 'add'),
    gradient: ([dy]) => (dy ? [sumTo(dy, a.shape), sumTo(dy, b.shape)] : []),
    lower: (e) => lowerAdd(e, y, a, b),
  });
  return y;
}

/** In the blocked layout a convolution adds into its other summand, which saves a pass over memory. */
function lowerAdd(e: Lowering, y: Tensor, a: Tensor, b: Tensor): void {
  if (e.blockSize > 0 && y.shape.length === 4 && sameShape(a.shape, b.shape) && isStatic(y.shape)) {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const name = e.accumulate(() => e.blocked(one), other);
      if (name !== undefined) return e.define(y, name, 'blocked');
    }
  }
  lowerElementwise(e, y, (names) => e.emit('Add', names));
}

/** y = a − b. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return binary(
    'sub',
    a,
    b,
    'Sub',
    (p, q) => p - q,
    (dy) => [dy, neg(dy)],
  );
}

/** y = a ∘ b; da = dy ∘ b, db = dy ∘ a. */
export function mul(a: Tensor, b: Tensor): Tensor {
  return binary(
    'mul',
    a,
    b,
    'Mul',
    (p, q) => p * q,
    (dy) => [mul(dy, b), mul(dy, a)],
  );
}

/** y = a / b; da = dy / b, db = −dy ∘ y / b. */
export function div(a: Tensor, b: Tensor): Tensor {
  return binary(
    'div',
    a,
    b,
    'Div',
    (p, q) => p / q,
    (dy, y) => [div(dy, b), neg(div(mul(dy, y), b))],
  );
}

/** y = min(a, b); the gradient goes to the smaller one, to `a` on a tie. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return binary('minimum', a, b, 'Min', Math.min, (dy) => {
    const takesB = greater(a, b);
    return [mul(dy, sub(scalar(1), takesB)), mul(dy, takesB)];
  });
}

/** 1 where a > b, else 0; no gradient. */
export function greater(a: Tensor, b: Tensor): Tensor {
  const y: Tensor = defineOp({
    op: { kind: 'greater' },
    inputs: [a, b],
    keepsZero: keepsZero([a, b], (p = 0, q = 0) => (p > q ? 1 : 0)),
    shape: broadcastShape(a.shape, b.shape, 'greater'),
    gradient: () => [],
    // Greater → Cast, then a product, is about half the cost of Where.
    lower: (e) => lowerElementwise(e, y, (names) => e.emit('Cast', [e.emit('Greater', names)], { to: 1 })),
  });
  return y;
}

export function neg(x: Tensor): Tensor {
  return unary(
    'neg',
    x,
    'Neg',
    (v) => -v,
    (dy) => neg(dy),
  );
}

/** y = max(x, 0); dx = dy where y > 0. */
export function relu(x: Tensor): Tensor {
  return unary(
    'relu',
    x,
    'Relu',
    (v) => Math.max(v, 0),
    (dy, y) => mul(dy, greater(y, scalar(0))),
  );
}

/** y = min(max(x, 0), 6); dx = dy where 0 < y < 6. */
export function relu6(x: Tensor): Tensor {
  return clip(x, 0, 6);
}

/** y = x limited to [low, high]; dx = dy strictly inside. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const y: Tensor = defineOp({
    op: { kind: 'clip', low, high },
    inputs: [x],
    keepsZero: keepsZero([x], (v = 0) => Math.min(Math.max(v, low), high)),
    shape: x.shape,
    gradient: ([dy]) => [dy && mul(dy, inside(y, low, high))],
    lower: (e) => {
      const name = mayBeBlocked(e, y) ? e.clipped(x, low, high) : undefined;
      if (name !== undefined) return e.define(y, name, 'blocked');
      lowerElementwise(e, y, ([name = '']) =>
        e.opset < 13 ? clipByAttributes(e, name, low, high) : e.emit('Clip', [name, e.float(low), e.float(high)]),
      );
    },
  });
  return y;
}

/**
 * For importers of older models (OpenCV's up to 4.6), which take no limits as inputs, where the standard has no attributes for them since version 11:
 * low + (high − low) · hardSigmoid(x), a line from 0 to 1 between the limits.
 */
function clipByAttributes(e: Lowering, x: string, low: number, high: number): string {
  const range = high - low;
  const share = e.emit('HardSigmoid', [x], { alpha: { float: 1 / range }, beta: { float: -low / range } });
  const scaled = e.emit('Mul', [share, e.float(range)]);
  return low === 0 ? scaled : e.emit('Add', [scaled, e.float(low)]);
}

/** 1 where low < x < high, else 0; no gradient. */
export function inside(x: Tensor, low: number, high: number): Tensor {
  const y: Tensor = defineOp({
    op: { kind: 'inside', low, high },
    inputs: [x],
    keepsZero: keepsZero([x], (v = 0) => (v > low && v < high ? 1 : 0)),
    shape: x.shape,
    gradient: () => [],
    // Truth values are a quarter of a float's bytes: one Cast, at the end.
    lower: (e) =>
      lowerElementwise(e, y, ([name = '']) => {
        const both = e.emit('And', [e.emit('Greater', [name, e.float(low)]), e.emit('Less', [name, e.float(high)])]);
        return e.emit('Cast', [both], { to: 1 });
      }),
  });
  return y;
}

/** y = 1 / (1 + e⁻ˣ); dx = dy ∘ y ∘ (1 − y). */
export function sigmoid(x: Tensor): Tensor {
  return unary(
    'sigmoid',
    x,
    'Sigmoid',
    (v) => 1 / (1 + Math.exp(-v)),
    (dy, y) => mul(dy, mul(y, sub(scalar(1), y))),
  );
}

/** y = tanh x; dx = dy ∘ (1 − y²). */
export function tanh(x: Tensor): Tensor {
  return unary(
    'tanh',
    x,
    'Tanh',
    (v) => Math.tanh(v),
    (dy, y) => mul(dy, sub(scalar(1), mul(y, y))),
  );
}

/** y = eˣ; dx = dy ∘ y. */
export function exp(x: Tensor): Tensor {
  return unary(
    'exp',
    x,
    'Exp',
    (v) => Math.exp(v),
    (dy, y) => mul(dy, y),
  );
}

/** y = ln x; dx = dy / x. */
export function log(x: Tensor): Tensor {
  return unary(
    'log',
    x,
    'Log',
    (v) => Math.log(v),
    (dy) => div(dy, x),
  );
}

/** y = √x; dx = dy / (2y). */
export function sqrt(x: Tensor): Tensor {
  return unary(
    'sqrt',
    x,
    'Sqrt',
    (v) => Math.sqrt(v),
    (dy, y) => div(dy, mul(y, scalar(2))),
  );
}

/** y = ln(1 + eˣ), above 0 and near x where x is large; dx = dy ∘ (1 − e⁻ʸ). */
export function softplus(x: Tensor): Tensor {
  return unary(
    'softplus',
    x,
    'Softplus',
    (v) => Math.log1p(Math.exp(v)),
    (dy, y) => mul(dy, sub(scalar(1), exp(neg(y)))),
  );
}
