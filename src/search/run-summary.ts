// A run at a glance: its state, its best reward, its pace.

import path from 'node:path';
import { isFolderLocked } from '../files/index.js';
import type { RunFolder } from './run-folder.js';
import type { TrialStore } from './store.js';

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

const sparklinePoints = 100;

export async function summariseRun(run: RunFolder, store: TrialStore): Promise<RunSummary> {
  const { preset } = await run.readConfig();
  const rewards = store.rewards();
  const step = Math.max(1, rewards.length / sparklinePoints);
  return {
    run: path.basename(run.folder),
    state: runState(store, rewards.length, preset.candidates),
    done: rewards.length,
    candidates: preset.candidates,
    best: rewards.length === 0 ? null : rewards.reduce((a, b) => Math.max(a, b)),
    perHour: store.perHour(),
    strategy: preset.strategy,
    rewards: Array.from({ length: Math.min(rewards.length, sparklinePoints) }, (_, i) => rewards[Math.floor((i + 1) * step) - 1] ?? 0),
  };
}

/** A run that was begun by this version or a later one is locked by whoever works on it; of others only the process's number is known. */
export function runState(store: TrialStore, done: number, candidates: number): RunSummary['state'] {
  const pid = Number(store.get('pid') ?? '');
  if (pid > 0 && (isFolderLocked(store.folder) ?? isAlive(pid))) return 'running';
  return done >= candidates ? 'finished' : 'interrupted';
}

/**
 * Whether there is a process of this number on this machine.
 * @param probe throws, as `process.kill(pid, 0)` does, where there is none or it is another user's
 */
export function isAlive(pid: number, probe: (pid: number) => void = (id) => void process.kill(id, 0)): boolean {
  try {
    probe(pid);
    return true;
  } catch (error) {
    // There it is, and not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
