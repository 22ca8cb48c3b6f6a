// A folder imports only from floors below its own, and within itself; the core imports nothing of Node's.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const floors: Readonly<Record<string, number>> = {
  random: 0,
  errors: 0,
  files: 0,
  graph: 1,
  space: 1,
  data: 1,
  nn: 2,
  task: 2,
  runtime: 2,
  train: 3,
  policy: 3,
  model: 3,
  preset: 3,
  search: 4,
  fit: 4,
  inspect: 4,
  cli: 6,
  server: 5,
};
const runsInBrowser = ['random', 'errors', 'graph', 'space', 'nn', 'task', 'policy'];
const nodeOnly = /^(node:|onnxruntime-node|sharp|log-update|commander|@huggingface\/hub|yaml|fast-png|fastify|@fastify)/;

const root = path.join(import.meta.dirname, '..', '..', 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)'([^']+)'/g)].flatMap(([, name]) => (name ? [name] : []));
}

describe('layering', () => {
  test('there are files to check', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  test.each(files)('%s', (file) => {
    const [folder = ''] = file.split(path.sep);
    const floor = floors[folder];
    expect(floor, `src/${folder} has no floor; add it to docs/architecture.md and to this test`).toBeDefined();
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) {
        const target = path.relative(root, path.resolve(root, path.dirname(file), name)).split(path.sep)[0] ?? '';
        if (target === folder || target.startsWith('..')) continue;
        expect(floors[target], `${file} imports ${name}`).toBeLessThan(floor ?? 0);
      } else if (runsInBrowser.includes(folder)) {
        expect(nodeOnly.test(name), `${file} imports ${name}, which a browser does not have`).toBe(false);
      }
    }
  });
});
