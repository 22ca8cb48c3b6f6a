// What the command line says of an error that a user can mend.

import { reasonOf, UserError } from '../core/errors/index.js';
import { flagOf } from './flag.js';

/** What a full disk, a missing permission or a damaged database say; not faults of this program. */
const systemCodes = /^(ENOSPC|EACCES|EROFS|EPERM|EDQUOT|EIO|EMFILE|SQLITE_(FULL|READONLY|IOERR|CORRUPT|NOTADB|CANTOPEN|BUSY))/;

/** What a wrong path says: the message names it. */
const pathCodes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']);

/** Files are written beside their place first; people know that place. */
const besideFile = /\.\d+-\d+\.partial/;

/** Undefined where it is a fault of this program. */
export function explanation(error: unknown): string | undefined {
  // The library has no flags; here they are what is to be changed.
  if (error instanceof UserError)
    return error.about.length === 0 ? error.message : `${error.message} (${error.about.map(flagOf).join(', ')})`;
  if (error instanceof Error && 'code' in error && 'path' in error && pathCodes.has(String(error.code)))
    return `${reasonOf(error).replace(besideFile, '')}; correct the path, or make the folder`;
  if (!(error instanceof Error) || !('code' in error) || !systemCodes.test(String(error.code))) return undefined;
  return `${reasonOf(error)} (${String(error.code)}); what was finished is kept, and --resume goes on once this is mended`;
}
