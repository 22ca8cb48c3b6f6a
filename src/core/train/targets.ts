// The task's targets of many samples, and of a batch as the training step takes them.

import type { TensorValue } from '../runtime/index.js';
import { UserError } from '../errors/index.js';
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
export function targetFeed(task: Pick<Task, 'targetSpec'>, rows: TargetRows, batch: number, [h, w]: MapShape): TensorValue {
  const { shape, dtype } = task.targetSpec(h, w);
  const dims = [batch, ...shape];
  return dtype === 'int32' ? { data: Int32Array.from(rows), dims: dims } : { data: Float32Array.from(rows), dims: dims };
}

/** Why nothing may count, by task. */
const remedies = {
  segmentation: 'all their pixels have the ignored label, or none; correct data.ignore or data.classes in the preset, or the masks',
  pose: 'no joint is to be seen in their crops; correct the annotations',
  depth: 'nothing was measured between data.minDepth and data.maxDepth; correct these or data.scale in the preset, or the depth maps',
} as const;

/**
 * A loss over nothing is 0, which looks like success.
 * @param what the samples are, for the message
 * @throws UserError where nothing in any of these targets is learnt or counted
 */
export function requireCounted({ description }: Pick<Task, 'description'>, count: number, what: string): void {
  if (count === 0) throw new UserError(`there is nothing to learn from in any of the ${what}: ${remedies[description.task]}`);
}
