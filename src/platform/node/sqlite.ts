// SQLite, loaded where the first database is opened: threads and most commands need none.

import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';

const requireHere = createRequire(import.meta.url);
let loaded: typeof Sqlite | undefined;

export function sqlite(): typeof Sqlite {
  const library: typeof Sqlite = loaded ?? requireHere('better-sqlite3');
  loaded = library;
  return library;
}
