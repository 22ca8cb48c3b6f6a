// The task's targets of many samples, and of a batch as the training step takes them.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import type { MapShape, TargetRows, Task } from '../task/index.js';

/** Rows of equal length, one behind the other. */
export function joinRows(rows: readonly TargetRows[]): TargetRows {
  const [first] = rows;
  const length = rows.reduce((n, row) => n + row.length, 0);
  const joined = first instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const row of rows) {
    joined.set(row, at);
    at += row.length;
  }
  return joined;
}

/** The step's input `target`. @param rows of the batch */
export function targetFeed(task: Pick<Task, 'targetSpec'>, rows: TargetRows, batch: number, [h, w]: MapShape): OrtTensor {
  const { shape, dtype } = task.targetSpec(h, w);
  const dims = [batch, ...shape];
  return dtype === 'int32' ? new OrtTensor('int32', Int32Array.from(rows), dims) : new OrtTensor('float32', Float32Array.from(rows), dims);
}
