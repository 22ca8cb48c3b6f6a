// What is begun as a thread or process of its own chooses its platform itself: nobody else has done so there.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', 'src');
const started = /new URL\(\s*'(\.\/[\w-]+)\.js'/g;

test('every module of a thread or process begins with a platform', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const entries = files.flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(started)].map(([, name]) => path.join(path.dirname(file), `${name}.ts`)),
  );
  expect(entries.toSorted()).toEqual(
    expect.arrayContaining(['cli/bench-worker.ts', 'platform/node/workers/worker-process.ts', 'server/serve/model-process.ts']),
  );
  for (const entry of entries)
    expect(readFileSync(path.join(root, entry), 'utf8'), entry).toMatch(/import '[./\w-]*use-(node|sqlite)\.js';/);
});
