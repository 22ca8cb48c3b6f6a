// Packages of the demo alone, where they are not installed.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UserError } from '../../src/core/errors/index.js';
import { demoFile } from '../../src/platform/node/demo/packages.js';

const nothingInstalled = (id: string): never => {
  throw new Error(`Cannot find module '${id}'`);
};

test('one sentence says what to install, in the versions that the scenes are drawn from', () => {
  const { devDependencies: tried } = JSON.parse(readFileSync('package.json', 'utf8'));
  const missing = (): string => demoFile('emoji.json', 'emoji.json', nothingInstalled);
  expect(missing).toThrow(UserError);
  expect(missing).toThrow(`npm install @lobehub/fluent-emoji-3d@${tried['@lobehub/fluent-emoji-3d']} emoji.json@${tried['emoji.json']}`);
});
