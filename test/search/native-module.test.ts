// better-sqlite3 is machine code for one version of Node.js: under another one the remedy is named, and no run is blamed.

import { expect, test, vi } from 'vitest';
import { UserError } from '../../src/core/errors/index.js';

let problem = new Error('');
vi.mock('better-sqlite3', () => ({
  default: class {
    constructor() {
      throw problem;
    }
  },
}));
const { TrialStore } = await import('../../src/core/search/store.js');

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
  const open = () => TrialStore.open('runs/mine/search.db');
  expect(open).toThrow(UserError);
  expect(open).toThrow(/better-sqlite3 was not built for this Node\.js \(v\d+.*: run npm rebuild better-sqlite3/);
  expect(open).not.toThrow(/cannot be opened as the database/);
});

test('a damaged database is still the database’s fault', () => {
  problem = new Error('file is not a database');
  expect(() => TrialStore.open('runs/mine/search.db')).toThrow(/search\.db: cannot be opened as the database of a search/);
});
