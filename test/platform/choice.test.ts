// Who chooses the platform, and what is said where nobody has: `test/platform/choose.ts` is left out by modules of their own.

import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

beforeEach(() => void vi.resetModules());

/** Both as they are where nothing has been imported yet. */
async function unchosen() {
  return { ...(await import('../../src/core/platform/index.js')), ...(await import('../../src/core/search/index.js')) };
}

test('auxcell chooses Node.js and SQLite', async () => {
  const { platform, trialStores } = await unchosen();
  await import('../../src/index.js');
  const { SqliteTrialStore } = await import('../../src/platform/node/sqlite-trial-store.js');
  expect([platform().name, trialStores()]).toEqual(['Node.js', SqliteTrialStore]);
});

test('auxcell undoes no choice that was made before; a later one is taken', async () => {
  const { choosePlatform, platform, chooseTrialStores, trialStores } = await unchosen();
  const { memoryPlatform, memoryTrialStores } = await import('../../src/platform/memory/index.js');
  const [first, later, stores, laterStores] = [memoryPlatform(), memoryPlatform(), memoryTrialStores(), memoryTrialStores()];
  choosePlatform(first);
  chooseTrialStores(stores);
  await import('../../src/index.js');
  expect([platform() === first, trialStores() === stores]).toEqual([true, true]);
  choosePlatform(later);
  chooseTrialStores(laterStores);
  expect([platform() === later, trialStores() === laterStores]).toEqual([true, true]);
});

const packageSchema = z.object({ name: z.string(), exports: z.record(z.string(), z.string()) });

test('where nobody has chosen, the message names what the package exports, and where each name is', async () => {
  const { platform, trialStores } = await unchosen();
  const { name, exports } = packageSchema.parse(JSON.parse(await readFile('package.json', 'utf8')));
  for (const [ask, sources] of [
    [platform, 4],
    [trialStores, 2],
  ] as const) {
    const message = messageOf(ask);
    const named = [...message.matchAll(/(\w+)(?:\([^)]*\))? of "([^"]+)"/g)];
    expect(named).toHaveLength(sources);
    for (const [, what = '', place = ''] of named) {
      const file = exports[place.replace(name, '.')] ?? `no export ${place}`;
      const module: unknown = await import(new URL(`../../${file.replace('./dist/', 'src/').replace('.js', '.ts')}`, import.meta.url).href);
      expect(module, place).toHaveProperty(what);
    }
  }
});

function messageOf(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was chosen');
}
