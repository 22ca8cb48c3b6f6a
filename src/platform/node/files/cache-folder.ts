// Where what can be made again is kept between commands.

import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { makeFolder } from './make-folder.js';

/** XDG_CACHE_HOME counts as not set when it is empty. */
function place(): { readonly root: string; readonly below: string } {
  const own = process.env['XDG_CACHE_HOME'];
  return own ? { root: path.dirname(own), below: own } : { root: homedir(), below: path.join(homedir(), '.cache') };
}

/** @param what is kept there */
export function cacheFolder(what: string): string {
  return path.join(place().below, 'auxcell', what);
}

/** The same, made. @throws Error where there is no home to make it in (Node.js would try for ever below /proc) */
export async function makeCacheFolder(what: string): Promise<string> {
  await stat(place().root);
  const folder = cacheFolder(what);
  await makeFolder(folder);
  return folder;
}
