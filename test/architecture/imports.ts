// What every file of src/ imports, read from its text.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..', '..', 'src');
export const files: readonly string[] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

export interface Import {
  readonly name: string;
  /** `type`: gone once it is compiled; `start`: when the file is loaded; `call`: where `import()` is reached. */
  readonly when: 'type' | 'start' | 'call';
}

/** @param file below src/ */
export function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [
    ...text.matchAll(/(import\s+type\s[^;]*?from\s+|export\s+type\s[^;]*?from\s+|from\s+|import\s*\(\s*|import\s+)'([^']+)'/g),
  ].flatMap(([, how = '', name]) => (name ? [{ name, when: whenOf(how) }] : []));
}

function whenOf(how: string): Import['when'] {
  if (/^(import|export)\s+type\s/.test(how)) return 'type';
  return how.includes('(') ? 'call' : 'start';
}

/** The file below src/ that a relative import names. */
export function target(file: string, name: string): string {
  return path.relative(root, path.resolve(root, path.dirname(file), name)).replace(/\.js$/, '.ts');
}
