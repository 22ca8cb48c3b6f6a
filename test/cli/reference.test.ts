// docs/cli.md beside the commands, and what the pages of docs/ point to.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../src/cli/main.js';
import { commandPage } from '../../src/cli/reference/command-page.js';

const root = path.join(import.meta.dirname, '..', '..');
const docs = path.join(root, 'docs');

test('docs/cli.md is what the commands say of themselves (npm run docs:cli)', () => {
  expect(readFileSync(path.join(docs, 'cli.md'), 'utf8')).toBe(commandPage(program));
});

test('every command has an example, and its options exist', () => {
  const page = commandPage(program);
  const wrong = [...page.matchAll(/^bin\/auxcell (.+)$/gm)].flatMap(([line, words = '']) => {
    const named = words.split(' ');
    let command: Command | undefined = program;
    for (const word of named) command = command?.commands.find((inner) => inner.name() === word) ?? command;
    const known = new Set(command?.options.flatMap(({ short, long }) => [short, long]));
    return named.some((word) => /^--?[a-z]/.test(word) && !known.has(word)) ? [line] : [];
  });
  expect(wrong).toEqual([]);
  const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? [...command.commands] : [command]));
  expect(page.match(/^```sh\nbin\/auxcell /gm)?.length).toBe(leaves.length);
});

/** As GitHub makes them of headings. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(['README.md', 'bench/README.md', ...readdirSync(docs).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []))])(
  'links of %s',
  (file) => {
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
  },
);
