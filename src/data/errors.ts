/** Data that cannot be used; the message names the file, the value and the remedy. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
