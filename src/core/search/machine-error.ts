// Errors that say something of the machine and nothing of the architecture that was being evaluated: disk, memory, files, connections,
// a worker that was killed. They are no results: the candidate is tried again, or the search pauses.

import { reasonOf, UserError } from '../errors/index.js';

export class MachineError extends Error {
  override readonly name = 'MachineError';
  /** The architecture may be the cause all the same, by wanting more memory or time than there is. */
  readonly suspect: boolean;

  constructor(message: string, suspect: boolean) {
    super(message);
    this.suspect = suspect;
  }
}

/** No candidate can be evaluated at present: the search ends, and can be resumed once that is mended. */
export class SearchPaused extends UserError {
  override readonly name = 'SearchPaused';
}

const faults = new Set(
  'ENOSPC EDQUOT EIO EROFS EMFILE ENFILE ENOENT EACCES EPERM EISDIR ENOTDIR ESTALE EAGAIN EBADF ENXIO ENODEV ECONNREFUSED ECONNRESET ETIMEDOUT EPIPE ERR_WORKER_INIT_FAILED'.split(
    ' ',
  ),
);
const memory = new Set(['ENOMEM', 'ERR_WORKER_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED']);
/** Of V8, of C++ and of ONNX Runtime, none of which have a code. */
const memoryWords = /bad_alloc|bad allocation|allocation failed|failed to allocate|out of memory|cannot allocate memory|std::length_error/i;

/** Undefined where it is the architecture's own error, or an interruption. What a user can mend is never an architecture's. */
export function machineErrorOf(error: unknown): MachineError | undefined {
  if (error instanceof MachineError) return error;
  const code = codeOf(error);
  const reason = reasonOf(error);
  if (memory.has(code) || memoryWords.test(reason)) return new MachineError(`${reason}: fewer workers or a smaller batch`, true);
  if (faults.has(code) || code.startsWith('SQLITE_') || error instanceof UserError) return new MachineError(reason, false);
  return error instanceof Error && error.cause !== undefined ? machineErrorOf(error.cause) : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
