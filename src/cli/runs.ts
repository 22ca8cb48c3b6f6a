// `runs`: the searches, trainings and fits below a folder, the latest first.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { metricName, shareText } from '../core/task/index.js';
import { formatDuration } from '../library/duration.js';
import type { EarlyEnding, ListEntry } from '../server/api.js';
import { RunLibrary } from '../server/run-library.js';
import { parseOptions } from './options.js';
import { table } from './table.js';

export async function runsCommand(folder: string, raw: unknown): Promise<void> {
  const { json } = parseOptions(z.object({ json: z.boolean().default(false) }), raw);
  const library = new RunLibrary(folder);
  try {
    const entries = await library.list();
    if (entries.length === 0) throw new UserError(`${folder}: there is no search, training or fit in it`);
    if (json) console.log(entries.map((entry) => JSON.stringify(entry)).join('\n'));
    else console.log(table([['run', 'state', 'done', 'best', 'time', 'kind', 'data'], ...entries.map(rowOf)]));
  } finally {
    library.close();
  }
}

function rowOf(entry: ListEntry): string[] {
  if (entry.state === 'damaged') return [entry.run, entry.state, '–', '–', '–', '–', entry.reason];
  const { run, state, done, total, ending, best, seconds, kind, task, data } = entry;
  return [
    run,
    state,
    doneText(done, total, ending),
    best === null ? '–' : `${metricName(best.name)} ${shareText(best.value)}`,
    seconds === null ? '–' : formatDuration(seconds),
    `${kind} (${task})`,
    data,
  ];
}

function doneText(done: number, total: number, ending: EarlyEnding | null): string {
  switch (ending) {
    case null:
      return `${done}/${total}`;
    case 'time':
      return `${done}, time over`;
    case 'left behind':
      return `${done}, left behind`;
  }
}
