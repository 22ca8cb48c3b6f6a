// Every command that README and docs show, as it stands there.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..');

/** Files in which commands are shown to people. */
export const documents = [
  'README.md',
  'bench/README.md',
  ...readdirSync(path.join(root, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
];

export interface DocumentedCommand {
  readonly file: string;
  /** Without comment, prompt and `bin/`; words as a shell splits them. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Those that begin with `auxcell`, in blocks of a shell and within sentences; of several that are joined each. */
export function documentedCommands(): DocumentedCommand[] {
  return documents.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'));
    const sentences = text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]*auxcell [^`]*)`/g);
    return [...blocks, ...[...sentences].map(([, code = '']) => code.replaceAll('\n', ' '))].flatMap((line) =>
      line
        .replace(/\s+#.*$/, '')
        .split(/&&|;|\|/)
        .flatMap((part) => {
          const [, command] = /^(?:do )?(?:npx |bin\/)?auxcell ([a-z].*)$/.exec(part.trim()) ?? [];
          return command === undefined ? [] : [{ file, text: `auxcell ${command.trim()}`, words: wordsOf(command) }];
        }),
    );
  });
}

function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '').filter((word) => word !== '>');
}
