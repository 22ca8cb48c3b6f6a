// docs/cli.md beside the commands, and what the pages of docs/ point to.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../src/cli/main.js';
import { commandPage } from '../../src/cli/reference/command-page.js';
import { documentedCommands, documents, root } from '../documented.js';

const docs = path.join(root, 'docs');

test('docs/cli.md is what the commands say of themselves (npm run docs:cli)', () => {
  expect(readFileSync(path.join(docs, 'cli.md'), 'utf8')).toBe(commandPage(program));
});

test('every command has an example', () => {
  const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? [...command.commands] : [command]));
  expect(commandPage(program).match(/^```sh\nbin\/auxcell /gm)?.length).toBe(leaves.length);
});

describe('commands in README and docs', () => {
  const commands = documentedCommands();
  test('are found', () => {
    const of = (file: string): number => commands.filter((one) => one.file === file).length;
    expect(of('README.md')).toBeGreaterThanOrEqual(12);
    expect(of('docs/cli.md')).toBeGreaterThanOrEqual(28);
    // Each file that shows one in a block.
    for (const file of documents)
      if (/^```sh\n[^`]*auxcell /m.test(readFileSync(path.join(root, file), 'utf8'))) expect(of(file), file).toBeGreaterThan(0);
  });

  test.each(commands.map(({ file, text, words }) => ({ file, text, words })))('$file: $text', ({ words }) => {
    let command: Command = program;
    const given = [...words];
    for (let inner: Command | undefined = program; inner; ) {
      inner = command.commands.find((one) => one.name() === given[0]);
      if (inner) {
        command = inner;
        given.shift();
      }
    }
    expect(command, 'there is such a command').not.toBe(program);
    const known = new Set([...command.options, ...program.options].flatMap(({ short, long }) => [short, long]));
    expect(given.filter((word) => /^--?[a-z]/.test(word) && !known.has(word.split('=')[0]))).toEqual([]);
  });
});

/** As GitHub makes them of headings. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(documents)('links of %s', (file) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to = '']) => (/^https?:/.test(to) ? [] : [to]));
  test('lead somewhere', () => {
    const lost = links.filter((to) => {
      const [page = '', anchor] = to.split('#');
      const target = page === '' ? path.join(root, file) : path.join(root, path.dirname(file), page);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(lost).toEqual([]);
  });
});
