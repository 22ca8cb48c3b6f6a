// Data that cannot be used.

import { UserError } from '../errors/index.js';

/** The message names the file, the value and the remedy. */
export class DataError extends UserError {
  override readonly name = 'DataError';
}
