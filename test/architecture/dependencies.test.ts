// What is installed with the package is what its own code imports, and no more than every user needs.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = path.join(import.meta.dirname, '..', '..');
const names = z.record(z.string(), z.string());
const { dependencies, peerDependencies, files } = z
  .object({ dependencies: names, peerDependencies: names, files: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Packages that a file imports, asks the resolver for, or lends types of. */
const packagesOf = (file: string): string[] =>
  [
    ...readFileSync(path.join(root, 'src', file), 'utf8').matchAll(
      /(?:from|import|import\(|(?:require|url\))\.resolve\()\s*'((?:@[\w-]+\/)?[\w.-]+)[^']*'/g,
    ),
  ].flatMap(([, name = '']) => (name.startsWith('.') || name.startsWith('node:') || name === 'node' || name === 'auxcell' ? [] : [name]));

test('every dependency is imported, and everything that is imported is one', () => {
  const used = new Set(sources.flatMap(packagesOf));
  expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  const known = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  expect([...used].filter((name) => !known.has(name))).toEqual([]);
});

test("the browser's engine is asked for by the browser's platform alone, so that others need not install it", () => {
  expect(Object.keys(dependencies)).not.toContain('onnxruntime-web');
  const asking = sources.filter((file) => packagesOf(file).includes('onnxruntime-web'));
  expect(asking.map((file) => path.dirname(file))).toEqual(['platform/web']);
});

test("what the demo draws, and all of the encoder's package but the encoder, need not be installed", () => {
  expect(Object.keys(dependencies).filter((name) => /emoji|human/.test(name))).toEqual([]);
  expect(Object.keys(peerDependencies)).toEqual(expect.arrayContaining(['@lobehub/fluent-emoji-3d', 'emoji.json']));
  expect(files).toContain('assets');
});
