// A folder for results is one's own from the beginning: nothing of somebody else's is written over there.

import { UserError } from '../errors/index.js';
import { files } from '../platform/index.js';

/** What says whose a folder is, and what SQLite keeps beside a lock: whoever begins there has put it there. */
const owner = /^owner\.(lock|json)/;

/**
 * @param own names of what an earlier start may have left there
 * @throws UserError where the folder holds anything else
 */
export async function requireUnused(folder: string, own: readonly string[]): Promise<void> {
  const entries = await files()
    .list(folder)
    .catch(() => []);
  const strange = entries
    .map(({ name }) => name)
    // What systems leave behind, and what a writer that was ended left unfinished.
    .filter((name) => !name.startsWith('.') && !name.endsWith('.partial') && !own.includes(name) && !owner.test(name))
    .toSorted();
  if (strange.length === 0) return;
  const more = strange.length > 1 ? ` and ${strange.length - 1} more` : '';
  throw new UserError(`${folder}: is not empty (${strange[0]}${more}), and nothing is to be written over; give another folder`, {
    about: ['out'],
  });
}
