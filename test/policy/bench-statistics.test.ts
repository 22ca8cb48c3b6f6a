// The statistics of the benchmark of strategies (bench/surrogate/statistics.js), by hand and by SciPy's figures for the same numbers.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const file = path.join(import.meta.dirname, '..', '..', 'bench', 'surrogate', 'statistics.js');

async function value(expression: string): Promise<number> {
  const script = `import * as s from ${JSON.stringify(file)}; console.log(JSON.stringify(s.${expression}))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return z.number().parse(JSON.parse(stdout));
}

test.each([
  ['quantile([4, 1, 3, 2], 0.25)', 1.75],
  ['deviation([1, 2, 3, 4])', Math.sqrt(5 / 3)],
  // Of six pairs five agree.
  ['kendallTau([1, 2, 3, 4], [1, 2, 4, 3])', 4 / 6],
  // scipy.stats.kendalltau([1, 2, 2, 3, 5], [2, 1, 3, 3, 4])
  ['kendallTau([1, 2, 2, 3, 5], [2, 1, 3, 3, 4])', 0.6666666666666667],
  ['rSquared([1, 2, 3], [1, 2, 4])', 0.5],
  ['mannWhitney([1, 2, 3], [1, 2, 3])', 1],
  // scipy.stats.mannwhitneyu(a, b, method='asymptotic')
  ['mannWhitney([1, 2, 3, 4, 5, 6, 7], [5, 6, 7, 8, 9, 10, 11])', 0.012423763398468488],
  ['mannWhitney([1, 2, 2, 4], [2, 3, 5, 5, 6])', 0.10386194842613085],
] as const)('%s', async (expression, expected) => {
  expect(await value(expression)).toBeCloseTo(expected, 6);
});
