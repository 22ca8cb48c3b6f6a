// The oldest Node.js that is promised is one that every dependency of users runs on.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = path.join(import.meta.dirname, '..', '..');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(read('package.json'));
const { packages } = z
  .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), engines: z.unknown().optional() })) })
  .parse(read('package-lock.json'));

test('every dependency runs on the oldest Node.js that is promised', () => {
  const oldest = semver.minVersion(engines.node)?.version ?? '';
  expect(oldest).toBe('20.11.0');
  const asked = Object.entries(packages).flatMap(([name, { dev, engines: own }]) => {
    const { data } = z.object({ node: z.string() }).safeParse(own);
    return dev || name === '' || data === undefined ? [] : [{ name, node: data.node }];
  });
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter(({ node }) => !semver.satisfies(oldest, node))).toEqual([]);
});
