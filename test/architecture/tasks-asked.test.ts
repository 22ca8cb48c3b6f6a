// A task is asked (task/traits.ts, the Task itself), not tested for: a fourth one touches task/, preset/, the reader of its data
// and its pages.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { files, root } from './imports.js';

/** Where a task's name may be compared: what it is, what presets say of it, how its data is read and generated. */
const own = ['core/task/', 'core/preset/', 'core/data/', 'platform/node/demo/'];

/** `=== 'pose'`, `case 'pose':`; of depth, which is also a kind of truth and picture, where a task is compared. */
const comparison = /[!=]== '(?:segmentation|pose)'|case '(?:segmentation|pose)':|(?:task|wanted)\b[^&|;]{0,40}[!=]== 'depth'/gi;

const compared = (text: string): number => [...text.matchAll(comparison)].length;

test('no task is known by its name outside its own folders', () => {
  const found = files
    .filter((file) => !own.some((folder) => file.startsWith(folder)))
    .flatMap((file) => {
      const times = compared(readFileSync(path.join(root, file), 'utf8'));
      return times === 0 ? [] : [`${file}: ${times}`];
    });
  // The one is a line of the code that users are shown, who have one model.
  expect(found).toEqual(['core/model/usage.ts: 1']);
});

test('comparisons are seen', () => {
  const seen = ["if (task === 'pose')", "switch (t) {\n case 'segmentation':", "preset.task === 'depth' ? 1 : 2", "(a ?? 'x') !== 'pose'"];
  expect(seen.map(compared)).toEqual([1, 1, 1, 1]);
  expect(compared("labelling.kind === 'depth'")).toBe(0);
});
