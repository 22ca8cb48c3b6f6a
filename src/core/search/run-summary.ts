// A run at a glance: its state, its best reward, its pace; or why it cannot be read.

import { reasonOf } from '../errors/index.js';
import { files, path, platform } from '../platform/index.js';
import { type RunConfig, RunFolder } from './run-folder.js';
import type { TrialStore } from './trial-store.js';

export interface RunSummary {
  /** The folder's own name. */
  readonly run: string;
  readonly state: 'running' | 'finished' | 'interrupted';
  readonly done: number;
  readonly candidates: number;
  readonly best: number | null;
  /** Architectures an hour, by the clock, over the last ones that finished. */
  readonly perHour: number | null;
  readonly strategy: string;
  /** Rewards in the order in which they came, thinned out to a hundred. */
  readonly rewards: readonly number[];
}

/** One that is there and cannot be read, which is no reason not to show the others. */
export interface DamagedRun {
  readonly run: string;
  readonly state: 'damaged';
  readonly reason: string;
}

export type RunEntry = RunSummary | DamagedRun;

const sparklinePoints = 100;

/** @param isOver somebody has ended it, whatever its preset asks for */
export function summariseRun(run: string, { preset }: Pick<RunConfig, 'preset'>, store: TrialStore, isOver = false): RunSummary {
  const done = store.finishedCount();
  const points = Math.min(done, sparklinePoints);
  const step = Math.max(1, done / sparklinePoints);
  return {
    run,
    state: runState(store, done, isOver ? done : preset.candidates),
    done,
    candidates: preset.candidates,
    best: store.bestReward(),
    perHour: store.perHour(),
    strategy: preset.strategy,
    rewards: store.rewardsAt(Array.from({ length: points }, (_, i) => Math.floor((i + 1) * step))),
  };
}

/** @param error why it cannot be read, or that in words */
export function damagedRun(run: string, error: unknown): DamagedRun {
  return { run, state: 'damaged', reason: reasonOf(error) };
}

/** A folder's run, whatever state it is in; undefined where no search is in it. */
export async function inspectRun(folder: string): Promise<RunEntry | undefined> {
  const run = RunFolder.open(folder);
  const name = path.basename(path.resolve(folder));
  try {
    if (!(await run.has('search.db'))) return (await lostDatabase(run)) ? damagedRun(name, `${folder}: search.db is missing`) : undefined;
    const config = await run.readConfig();
    const store = await run.look();
    try {
      return summariseRun(name, config, store);
    } finally {
      store.close();
    }
  } catch (error) {
    return damagedRun(name, error);
  }
}

/** A search that has just begun has no database yet: seconds, not a minute. */
const beginning = 60_000;

/** Whether there is a search's configuration, and the database that belongs to it is gone. */
export async function lostDatabase(run: RunFolder): Promise<boolean> {
  const written = (await files().facts(run.path('config.yaml')))?.modified;
  if (written === undefined || Date.now() - written < beginning) return false;
  return run.readConfig().then(
    () => true,
    () => false,
  );
}

/** A run that was begun by this version or a later one is locked by whoever works on it; of others only the process's number is known. */
export function runState(store: TrialStore, done: number, candidates: number): RunSummary['state'] {
  const pid = Number(store.get('pid') ?? '');
  if (pid > 0 && (platform().locks.isLocked(store.folder) ?? platform().locks.isRunning(pid))) return 'running';
  return done >= candidates ? 'finished' : 'interrupted';
}
