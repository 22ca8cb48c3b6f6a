import { expect, test } from 'vitest';
import { type Finding, formatFinding } from '../../src/core/data/index.js';

const finding: Finding = { grade: 'warning', code: 'x', cause: 'pictures are odd', count: 5, files: ['a', 'b', 'c'], remedy: 'mend them' };

test.each([
  [{}, 'warning: pictures are odd (5: a, b, c, …); mend them'],
  [{ files: [] }, 'warning: pictures are odd (5); mend them'],
  [{ count: 1, files: ['a'] }, 'warning: pictures are odd (a); mend them'],
  [{ count: 2, files: ['a', 'b'] }, 'warning: pictures are odd (a, b); mend them'],
  [{ count: 1, files: [] }, 'warning: pictures are odd; mend them'],
  [{ cause: '5 classes are odd', files: [] }, 'warning: 5 classes are odd; mend them'],
])('a finding in a line says how often, unless the files or the cause do: %o', (changes, line) => {
  expect(formatFinding({ ...finding, ...changes })).toBe(line);
});
