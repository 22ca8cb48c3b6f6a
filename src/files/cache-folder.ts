// Where what can be made again is kept between commands.

import { homedir } from 'node:os';
import path from 'node:path';

/** Below XDG_CACHE_HOME, which counts as not set when it is empty. @param what is kept there */
export function cacheFolder(what: string): string {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'auxcell', what);
}
