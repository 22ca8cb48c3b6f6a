// What a user can mend: shown as one message without a stack trace, exit code 1.

/**
 * The message names the file or value, what is wrong with it, and the remedy, in words of its own: a program has no flags. Options
 * that it is about stand beside it, as the library calls them (`reuseFrom`), for a command line to say its own names.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly about: readonly string[];

  constructor(message: string, { about = [], ...options }: ErrorOptions & { readonly about?: readonly string[] | undefined } = {}) {
    super(message, options);
    this.about = about;
  }
}

/** What the operating system says of a path, in words. */
const pathFaults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'is a folder, where a file is wanted',
  EEXIST: 'something of that name is there already',
  EACCES: 'may not be read or written (permission denied)',
  EPERM: 'may not be changed (permission denied)',
  EROFS: 'lies on a disk that can only be read',
  ENOSPC: 'no space is left on its disk',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
};

/** One line of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && 'path' in error) {
    const words = pathFaults[String(error.code)];
    // Of two paths (a file that is moved) the first alone would mislead.
    if (words !== undefined && !('dest' in error)) return `${String(error.path)}: ${words}`;
  }
  return text.split('\n')[0] ?? text;
}
