// What a user can mend: shown as one message without a stack trace, exit code 1.

/** The message names the file or option, the value that was found, and the remedy. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** One line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}
