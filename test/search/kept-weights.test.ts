// The list of kept weights: what is not in it goes, and what cannot be read is no empty list.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { KeptWeights } from '../../src/core/search/kept-weights.js';
import { RunFolder } from '../../src/core/search/index.js';
import { temporaryFolder } from '../data/fixtures.js';

async function runWithWeights(...names: string[]): Promise<RunFolder> {
  const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
  await mkdir(run.path('weights'));
  for (const name of names) await writeFile(run.path(`weights/${name}`), name);
  return run;
}

test('files that no list names are removed, those that it names stay', async () => {
  const run = await runWithWeights('a.safetensors', 'b.safetensors');
  const store = run.openStore();
  store.set('kept weights', JSON.stringify([{ trial: 3, file: 'b.safetensors', reward: 0.5, generation: 0 }]));
  const kept = await KeptWeights.open(run, store, 4);
  expect(await readdir(run.path('weights'))).toEqual(['b.safetensors']);
  expect([kept.of(3), kept.of(2)]).toMatchObject([{ file: 'b.safetensors' }, undefined]);
  store.close();
});

test.each(['[{', '[{"trial":1}]', 'null'])('a list that is damaged (%s) is refused, and no file is touched', async (list) => {
  const run = await runWithWeights('a.safetensors');
  const store = run.openStore();
  store.set('kept weights', list);
  await expect(KeptWeights.open(run, store, 4)).rejects.toThrow(/^the list of kept weights cannot be read .* its results are whole/);
  expect(await readdir(run.path('weights'))).toEqual(['a.safetensors']);
  store.close();
});
