// What is loaded before a command is: help, the version and a misspelt command are there at once.

import { expect, test } from 'vitest';
import { importsOf, target } from '../architecture/imports.js';

/** All that is loaded with a file of src/: files of src/, and packages by name. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { name, when } of importsOf(file)) {
    if (when !== 'start') continue;
    if (name.startsWith('.')) loadedWith(target(file, name), seen);
    else seen.add(name);
  }
  return seen;
}

test('the command line itself loads commander and no command: no schema, no engine, no database', () => {
  const loaded = [...loadedWith('cli/run.ts')];
  expect(loaded).toContain('cli/main.ts');
  expect(loaded.filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))).toEqual(['commander']);
  expect(loaded.filter((name) => name.endsWith('.ts') && !name.startsWith('cli/') && !name.startsWith('core/errors/'))).toEqual([]);
});
