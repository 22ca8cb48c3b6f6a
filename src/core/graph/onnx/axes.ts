// Values moved, cut and padded along axes, as ONNX nodes; none where nothing is to be done.

import type { Lowering } from '../lowering.js';

/** Moves one axis to another place; a mere reshape where the axis has size 1. */
export function moveAxis(
  e: Lowering,
  name: string,
  dims: readonly number[],
  from: number,
  to: number,
): { readonly name: string; readonly dims: readonly number[] } {
  const others = dims.map((_, i) => i).filter((i) => i !== from);
  const perm = [...others.slice(0, to), from, ...others.slice(to)];
  const moved = perm.map((p) => dims[p] ?? 1);
  return { name: dims[from] === 1 ? e.reshape(name, moved) : e.emit('Transpose', [name], { perm }), dims: moved };
}

/** The taps of a kernel in reverse order; they lie along `axis` of `shape`. */
export function flipTaps(e: Lowering, name: string, shape: readonly number[], axis: number): string {
  const reshaped = e.reshape(name, shape);
  if (shape[axis] === 1) return reshaped;
  return e.emit('Slice', [reshaped, e.ints([-1]), e.ints([-(2 ** 31)]), e.ints([axis]), e.ints([-1])]);
}

/** Zeros behind each axis. */
export function padAxes(e: Lowering, name: string, behind: readonly number[]): string {
  if (behind.every((p) => p === 0)) return name;
  return e.emit('Pad', [name, e.ints([...behind.map(() => 0), ...behind])]);
}

/** What lies at the beginning of each axis. */
export function cropAxes(e: Lowering, name: string, wanted: readonly number[], from: readonly number[]): string {
  if (wanted.every((d, i) => d === from[i])) return name;
  return e.emit('Slice', [name, e.ints(wanted.map(() => 0)), e.ints(wanted), e.ints(wanted.map((_, i) => i))]);
}

/** `count` entries of an axis from `start` in steps of `step`. */
export function sliceAxis(e: Lowering, name: string, axis: number, start: number, step: number, count: number, size: number): string {
  if (start === 0 && step === 1 && count === size) return name;
  return e.emit('Slice', [name, e.ints([start]), e.ints([start + (count - 1) * step + 1]), e.ints([axis]), e.ints([step])]);
}
