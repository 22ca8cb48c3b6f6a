// A fit's folder as the pages see it: what it was given, how far it is, and what is in it.

import path from 'node:path';
import { readCard } from '../core/inspect/index.js';
import { loadTrainPreset } from '../core/preset/index.js';
import { type FitState, readState } from '../library/fit/fit-state.js';
import { isFolderLocked } from '../platform/node/files/index.js';
import { fitFiles } from './fit-files.js';
import { readResult } from './fit-result.js';
import { headline } from '../core/task/index.js';
import type { FitResult, FitView, ListedRun, ListEntry, RunState } from './api.js';
import type { RunPlace } from './run-places.js';

function stateOf(folder: string, { trained }: FitState): RunState {
  return isFolderLocked(folder) === true ? 'running' : trained ? 'finished' : 'interrupted';
}

/** Undefined where the preset was taken away. */
async function taskIn(folder: string): Promise<string | undefined> {
  return loadTrainPreset(path.join(folder, 'preset.yaml')).then(
    ({ task }) => task,
    () => undefined,
  );
}

/** Of the model that it has left, which need not come of a training. @param top the best of these, by whose figure it is told */
function modelScore(result: FitResult | undefined, top: ListedRun | undefined): ListedRun['best'] | undefined {
  const measured = Object.fromEntries(
    Object.entries(result?.metrics ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
  const name = top?.best?.name ?? headline(measured)[0]?.metric ?? '';
  const value = measured[name];
  return value === undefined ? undefined : { name, value };
}

/** @param parts its search and its trainings */
export async function listedFit({ name, folder }: RunPlace, parts: readonly ListEntry[]): Promise<ListedRun> {
  const state = await readState(folder);
  const trainings = parts.flatMap((part) => (part.state !== 'damaged' && part.kind === 'training' ? [part] : []));
  const [top] = trainings.toSorted((a, b) => (b.best?.value ?? 0) - (a.best?.value ?? 0));
  const images = parts.flatMap((part) => (part.state === 'damaged' ? [] : (part.images ?? [])))[0];
  return {
    kind: 'fit',
    run: name,
    state: stateOf(folder, state),
    begun: state.begun ?? null,
    task: state.task ?? (await taskIn(folder)) ?? '',
    data: state.data,
    images: images ?? null,
    seconds: state.spent,
    done: state.trained ? trainings.length : Math.max(0, trainings.length - 1),
    total: state.plan?.networks.length ?? trainings.length,
    ending: null,
    best: (state.trained ? modelScore(await readResult(folder), top) : undefined) ?? top?.best ?? null,
    curve: top?.curve ?? [],
  };
}

export async function fitView({ name, folder }: RunPlace, parts: readonly ListEntry[]): Promise<FitView> {
  const state = await readState(folder);
  const { begun = null, version, data, task, seed, seconds, spent, searched, trained } = state;
  return {
    kind: 'fit',
    run: name,
    folder,
    state: stateOf(folder, state),
    begun,
    version,
    data,
    task: task ?? (await taskIn(folder)) ?? null,
    seed,
    seconds: { given: seconds, spent },
    phase: trained ? 'done' : searched ? 'training' : 'searching',
    parts,
    result: (await readResult(folder)) ?? null,
    files: await fitFiles(name, folder),
    findings: (await readCard(path.join(folder, 'search')))?.findings ?? [],
  };
}
