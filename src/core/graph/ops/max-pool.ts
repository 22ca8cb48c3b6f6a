// The largest value in a window around every pixel, and its gradient: dy goes to where a value came from, of equal ones to the first, row by row, as
// in PyTorch.

import { mapShape, sizeOf, staticMap } from '../dim.js';
import type { Lowering } from '../lowering.js';
import { nchwc } from '../onnx/blocked.js';
import { defineOp, type Tensor } from '../tensor.js';

/** Windows of kernel × kernel (odd), of stride 1; outside of the map there is nothing (−∞). */
export function maxPool(x: Tensor, kernel: number): Tensor {
  mapShape(x.shape, 'maxPool');
  const attributes = windowsOf(kernel);
  const y: Tensor = defineOp({
    op: { kind: 'maxPool', kernel },
    // A window of a padding channel has zeros in it alone.
    keepsZero: true,
    inputs: [x],
    shape: x.shape,
    gradient: ([dy]) => [dy && maxPoolGradient(x, dy, kernel)],
    lower: (e) => {
      if (e.blockSize > 0 && e.layoutOf(x) === 'blocked') {
        const blocked = { ...attributes, auto_pad: 'NOTSET', dilations: [1, 1] };
        e.define(y, e.emit('MaxPool', [e.blocked(x)], blocked, { domain: nchwc }), 'blocked');
      } else e.define(y, e.emit('MaxPool', [e.plain(x)], attributes));
    },
  });
  return y;
}

function maxPoolGradient(x: Tensor, dy: Tensor, kernel: number): Tensor {
  const dx: Tensor = defineOp({
    op: { kind: 'maxPoolGradient', kernel },
    inputs: [x, dy],
    shape: x.shape,
    lower: (e) => (Number.isFinite(e.maxBuffers) ? lowerByChoices(e, dx, x, dy, kernel) : lowerByPositions(e, dx, x, dy, kernel)),
  });
  return dx;
}

/** dy added up at the positions that ONNX's own operator gives, in the whole tensor, flattened. Half the time of the other way on a processor. */
function lowerByPositions(e: Lowering, dx: Tensor, x: Tensor, dy: Tensor, kernel: number): void {
  const shape = staticMap(x.shape, 'gradient of maxPool');
  const size = sizeOf(shape);
  const [, positions = ''] = e.emitAll('MaxPool', [e.plain(x)], windowsOf(kernel), { outputs: 2 });
  const flat = [e.zeros(e.ints([size])), e.reshape(positions, [size]), e.reshape(e.plain(dy), [size])];
  e.define(dx, e.reshape(e.emit('ScatterElements', flat, { axis: 0, reduction: 'add' }), shape));
}

/**
 * For GPUs, which have neither of those. The largest in k × k is the largest in a column of the largest in rows, and that in a row of k comes by
 * doubling: of two neighbouring windows' largest values the first one unless the second is larger. Going back through these choices finds the first
 * of equal values.
 */
function lowerByChoices(e: Lowering, dx: Tensor, x: Tensor, dy: Tensor, kernel: number): void {
  const shape = staticMap(x.shape, 'gradient of maxPool');
  const [, , h, w] = shape;
  const rows = largestAlong(e, e.plain(x), { axis: 3, size: w, kernel });
  const columns = largestAlong(e, rows.result, { axis: 2, size: h, kernel });
  e.define(dx, wayBack(e, wayBack(e, e.plain(dy), columns), rows));
}

function windowsOf(kernel: number): Record<string, number[]> {
  const pad = (kernel - 1) / 2;
  return { kernel_shape: [kernel, kernel], strides: [1, 1], pads: [pad, pad, pad, pad] };
}

/** Windows along one axis of a value of four. */
interface Windows {
  readonly axis: 2 | 3;
  readonly size: number;
  readonly kernel: number;
}

/** Of two windows, `step` apart, the largest values. */
interface Choice {
  readonly first: string;
  readonly second: string;
  readonly step: number;
}

/** Lower than any value of a map. */
const nothing = -3.4e38;

function largestAlong(
  e: Lowering,
  x: string,
  windows: Windows,
): Windows & { readonly choices: readonly Choice[]; readonly result: string } {
  const { axis, size, kernel } = windows;
  const pad = (kernel - 1) / 2;
  let result = padded(e, x, axis, pad, pad, nothing);
  const choices: Choice[] = [];
  for (let width = 1, length = size + kernel - 1; width < kernel; ) {
    const step = Math.min(width, kernel - width);
    const choice = { first: cut(e, result, axis, 0, length - step), second: cut(e, result, axis, step, length), step };
    choices.push(choice);
    result = e.emit('Max', [choice.first, choice.second]);
    width += step;
    length -= step;
  }
  return { ...windows, choices, result };
}

function wayBack(e: Lowering, dy: string, { axis, size, kernel, choices }: ReturnType<typeof largestAlong>): string {
  const pad = (kernel - 1) / 2;
  const dx = choices.reduceRight((d, { first, second, step }) => {
    const takesSecond = e.emit('Cast', [e.emit('Greater', [second, first])], { to: 1 });
    const toSecond = e.emit('Mul', [d, takesSecond]);
    return e.emit('Add', [padded(e, e.emit('Sub', [d, toSecond]), axis, 0, step), padded(e, toSecond, axis, step, 0)]);
  }, dy);
  return cut(e, dx, axis, pad, pad + size);
}

function padded(e: Lowering, x: string, axis: number, before: number, behind: number, value = 0): string {
  const zeros = [0, 0, 0, 0];
  return e.emit('Pad', [x, e.ints([...zeros.with(axis, before), ...zeros.with(axis, behind)]), ...(value === 0 ? [] : [e.float(value)])]);
}

function cut(e: Lowering, x: string, axis: number, from: number, to: number): string {
  return e.emit('Slice', [x, e.ints([from]), e.ints([to]), e.ints([axis])]);
}
