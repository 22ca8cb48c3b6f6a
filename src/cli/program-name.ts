// What a printed command begins with, so that it works where it is printed.

import path from 'node:path';

/** How a program was started: what `process` knows. */
export interface Start {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** `npx auxcell` where it was started so or is a project's own; `auxcell` where the shell finds it; else its path, as in `bin/auxcell`. */
export function programName({ argv, env, cwd }: Start = { argv: process.argv, env: process.env, cwd: process.cwd() }): string {
  const file = argv[1] ?? 'auxcell';
  const folder = path.dirname(file);
  if (folder.endsWith(path.join('node_modules', '.bin')) || folder.endsWith(path.join('node_modules', 'auxcell', 'bin')))
    return 'npx auxcell';
  if ((env['PATH'] ?? '').split(path.delimiter).includes(folder)) return 'auxcell';
  const near = path.relative(cwd, file);
  return inShell(near.startsWith('..') ? file : near);
}

/** A whole command. @param words of it, behind the program; a shell takes each as it is */
export function commandLine(...words: readonly string[]): string {
  return [programName(), ...words.map(inShell)].join(' ');
}

function inShell(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) && !word.startsWith('#') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
