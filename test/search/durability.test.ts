// A search that is killed: whatever the moment, the database is whole, and the resumed search ends with the trials of one
// that was never touched.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/core/random/index.js';
import { RunFolder, type Trial } from '../../src/core/search/index.js';
import { temporaryFolder } from '../data/fixtures.js';

const program = path.join(import.meta.dirname, 'synthetic-search.js');
/** As many as there are kills at the most, so that some are still to come at each. */
const candidates = Math.max(40, Number(process.env['AUXCELL_KILLS'] ?? 0));
/** Kills of the quick strategy, and two thirds as many of the other. AUXCELL_KILLS=120 takes some minutes. */
const kills = Number(process.env['AUXCELL_KILLS'] ?? 3);

function start(folder: string, strategy: string) {
  return fork(program, [folder, String(candidates), strategy], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** But for failures' own seconds, which are measured. */
function withoutTimes(trials: readonly Trial[]): unknown[] {
  return trials.map((trial) => ({ ...trial, seconds: undefined }));
}

async function finish(folder: string, strategy: string): Promise<Trial[]> {
  const child = start(folder, strategy);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(child, 'exit');
  expect(code, errors).toBe(0);
  return RunFolder.open(folder).readTrials();
}

test.each([
  ['random', kills],
  ['ppo', Math.ceil((2 * kills) / 3)],
])(
  '%s, killed %d times at random moments',
  async (strategy, times) => {
    const untouched = path.join(await temporaryFolder(), 'untouched');
    await RunFolder.create(untouched);
    const expected = await finish(untouched, strategy);
    expect(expected).toHaveLength(candidates);

    const folder = path.join(await temporaryFolder(), 'killed');
    await RunFolder.create(folder);
    const random = seededRandom(3);
    let moments = 0;
    let done = 0;
    for (let kill = 0; kill < times; kill++) {
      const child = start(folder, strategy);
      const exited = once(child, 'exit');
      await Promise.race([once(child, 'message'), exited]);
      // From its first proposals on; a search this far would soon be done, so most live for a few trials only.
      await Promise.race([exited, sleep(120 * random.next() ** 2)]);
      if (child.exitCode === null) moments++;
      child.kill('SIGKILL');
      await exited;
      const store = RunFolder.open(folder).openStore();
      expect(store.check()).toBe('ok');
      const trials = store.trials();
      expect(trials.length).toBeGreaterThanOrEqual(done);
      done = trials.length;
      store.close();
      if (done === candidates) break;
    }
    expect(moments).toBeGreaterThan(times / 2);
    expect(withoutTimes(await finish(folder, strategy))).toEqual(withoutTimes(expected));
  },
  900_000,
);
