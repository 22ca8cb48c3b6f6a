import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheFolder, makeCacheFolder } from '../../src/platform/node/files/index.js';
import { temporaryFolder } from '../data/fixtures.js';

afterEach(() => vi.unstubAllEnvs());

test('below XDG_CACHE_HOME, or the home where that is empty', async () => {
  const folder = await temporaryFolder();
  vi.stubEnv('HOME', folder);
  vi.stubEnv('XDG_CACHE_HOME', '');
  expect(cacheFolder('x')).toBe(path.join(folder, '.cache', 'auxcell', 'x'));
  await mkdir(path.join(folder, 'own'));
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, 'own'));
  expect(await makeCacheFolder('x')).toBe(path.join(folder, 'own', 'auxcell', 'x'));
  expect((await stat(path.join(folder, 'own', 'auxcell', 'x'))).isDirectory()).toBe(true);
});

test('without a home nothing is made, and it is not tried for ever', async () => {
  vi.stubEnv('XDG_CACHE_HOME', '');
  vi.stubEnv('HOME', '/proc/1/nowhere');
  await expect(makeCacheFolder('x')).rejects.toThrow(/ENOENT/);
});
