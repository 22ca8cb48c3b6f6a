// Runs what the command line says; errors that a user can mend are told in a line or two.

import { UserError } from '../core/errors/index.js';
import { program } from './main.js';

/** What a full disk, a missing permission or a damaged database say; not faults of this program. */
const systemCodes = /^(ENOSPC|EACCES|EROFS|EPERM|EDQUOT|EIO|EMFILE|SQLITE_(FULL|READONLY|IOERR|CORRUPT|NOTADB|CANTOPEN|BUSY))/;

/** What a wrong path says: the message names it. */
const pathCodes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']);

function explanation(error: unknown): string | undefined {
  if (error instanceof UserError) return error.message;
  if (error instanceof Error && 'code' in error && 'path' in error && pathCodes.has(String(error.code)))
    return `${error.message}; correct the path, or make the folder`;
  if (!(error instanceof Error) || !('code' in error) || !systemCodes.test(String(error.code))) return undefined;
  return `${error.message} (${String(error.code)}); what was finished is kept, and --resume goes on once this is mended`;
}

// A reader that went away (`| head`, a closed terminal) ends no work.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

try {
  await program.parseAsync();
} catch (error) {
  const text = explanation(error);
  if (text === undefined) throw error;
  console.error(`error: ${text}`);
  process.exitCode = 1;
}
