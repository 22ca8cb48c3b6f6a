// Folders that are made with their parents, and where nobody can make one.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../src/platform/node/files/index.js';
import { temporaryFolder } from '../data/fixtures.js';

test('with its parents, and what is there already stays', async () => {
  const folder = path.join(await temporaryFolder(), 'a', 'b', 'c');
  await makeFolder(folder);
  writeFileSync(path.join(folder, 'file'), 'text');
  await makeFolder(folder);
  expect(statSync(path.join(folder, 'file')).size).toBe(4);
});

test('a file in the way is the system’s error', async () => {
  const file = path.join(await temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(makeFolder(file)).rejects.toThrow(/EEXIST/);
  await expect(makeFolder(path.join(file, 'below'))).rejects.toThrow(/ENOTDIR/);
});

// The `recursive` of Node.js goes on for ever there.
test.skipIf(!existsSync('/proc/self'))('where no folder can be made, it ends', async () => {
  await expect(makeFolder('/proc/x/y')).rejects.toThrow(/ENOENT/);
});
