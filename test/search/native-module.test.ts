// better-sqlite3 is machine code for one version of Node.js: under another one the remedy is named, and no run is blamed.

import { expect, test, vi } from 'vitest';

let problem = new Error('');
// What every test file begins with has loaded it already.
vi.resetModules();
vi.doMock('../../src/platform/node/sqlite.js', () => ({
  sqlite: () =>
    class {
      constructor() {
        throw problem;
      }
    },
}));
const { UserError } = await import('../../src/core/errors/index.js');
const { SqliteTrialStore } = await import('../../src/platform/node/sqlite-trial-store.js');

test.each([
  Object.assign(
    new Error("The module 'better_sqlite3.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115."),
    {
      code: 'ERR_DLOPEN_FAILED',
    },
  ),
  new Error('Could not locate the bindings file. Tried:\n → build/better_sqlite3.node'),
])('%s', (error) => {
  problem = error;
  const open = () => SqliteTrialStore.open('runs/mine/search.db');
  expect(open).toThrow(UserError);
  expect(open).toThrow(/better-sqlite3 was not built for this Node\.js \(v\d+.*: run npm rebuild better-sqlite3/);
  expect(open).not.toThrow(/cannot be opened as the database/);
});

test('a damaged database is still the database’s fault', () => {
  problem = new Error('file is not a database');
  expect(() => SqliteTrialStore.open('runs/mine/search.db')).toThrow(/search\.db: cannot be opened as the database of a search/);
});
