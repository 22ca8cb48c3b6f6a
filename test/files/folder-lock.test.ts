// One process at a time works in a folder: real processes at a barrier, killed ones, and looking without getting in the way.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { folderOwner, isFolderLocked, lockFolder, replaceFile } from '../../src/platform/node/files/index.js';
import { temporaryFolder } from '../data/fixtures.js';

function contender(folder: string, at: number): ChildProcess {
  return fork(path.join(import.meta.dirname, 'claim.js'), [folder, String(at)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

const tries = Number(process.env['AUXCELL_LOCK_TRIES'] ?? 3);

test(
  `of three processes at a barrier exactly one gets in, ${tries} times, and the others are told who`,
  async () => {
    for (let k = 0; k < tries; k++) {
      const folder = await temporaryFolder();
      const at = Date.now() + 500;
      const children = [1, 2, 3].map(() => contender(folder, at));
      const answers = await Promise.all(children.map(async (child) => [String((await once(child, 'message'))[0]), child] as const));
      const winners = answers.filter(([answer]) => answer === 'in');
      expect(winners, answers.map(([answer]) => answer).join()).toHaveLength(1);
      for (const [answer] of answers.filter(([text]) => text !== 'in')) expect(answer).toBe(String(winners[0]?.[1].pid));
      expect(isFolderLocked(folder)).toBe(true);
      // Killed, it has left the folder; nothing has to be mended or waited for.
      const exits = children.map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(exits);
      expect(isFolderLocked(folder)).toBe(false);
      const next = await lockFolder(folder);
      expect('lock' in next).toBe(true);
      if ('lock' in next) await next.lock.release();
    }
  },
  20_000 * tries,
);

test('within one process as well; who has it is told; whoever looks is not in the way', async () => {
  const folder = await temporaryFolder();
  expect(isFolderLocked(folder)).toBeUndefined();
  const first = await lockFolder(folder);
  const second = await lockFolder(folder);
  expect(second).toEqual({ heldBy: { host: hostname(), pid: process.pid, since: expect.any(String) } });
  expect(isFolderLocked(folder)).toBe(true);
  if ('lock' in first) await first.lock.release();
  // Nothing is left of it.
  expect(await readdir(folder)).toEqual([]);
  expect(await folderOwner(folder)).toBeUndefined();
  const third = await lockFolder(folder);
  expect('lock' in third).toBe(true);
  if ('lock' in third) await third.lock.release();
});

test('what is released while others wait for it: still one at a time', async () => {
  const folder = await temporaryFolder();
  const first = await lockFolder(folder);
  const at = Date.now() + 600;
  const children = [1, 2, 3].map(() => contender(folder, at));
  const answers = Promise.all(children.map(async (child) => String((await once(child, 'message'))[0])));
  await new Promise((resolve) => setTimeout(resolve, at + 150 - Date.now()));
  if ('lock' in first) await first.lock.release();
  expect((await answers).filter((answer) => answer === 'in').length).toBeLessThanOrEqual(1);
  const exits = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(exits);
});

test('what owner.json says decides nothing: a process of that number may be anybody', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'owner.json'), JSON.stringify({ host: hostname(), pid: process.pid, since: '2026-01-01' }));
  const got = await lockFolder(folder);
  expect('lock' in got).toBe(true);
  if ('lock' in got) await got.lock.release();
});

test('a folder that is not there: an error, not a lock', async () => {
  await expect(lockFolder(path.join(await temporaryFolder(), 'nowhere'))).rejects.toThrow();
});

test('two that replace a file at once leave one whole, and nothing beside it', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'file');
  const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(1_000_000));
  await Promise.all(texts.map((text) => replaceFile(file, text)));
  expect(await readdir(folder)).toEqual(['file']);
  await expect(replaceFile(folder, 'x')).rejects.toThrow();
  expect(await readdir(path.dirname(folder)).then((names) => names.filter((name) => name.endsWith('.partial')))).toEqual([]);
});
