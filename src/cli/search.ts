// `search`: from a folder of images with masks to the best architectures found.

import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { loadPreset, strategies, withDepthScale } from '../core/preset/index.js';
import { failureSummary, RunFolder, type SearchObserver, type Trial } from '../core/search/index.js';
import { formatDuration } from '../library/duration.js';
import { freeFolder } from '../library/free-folder.js';
import { type SearchExecution, type SearchOutcome, SearchStopped } from '../library/run-search.js';
import { resumeSearch, search } from '../library/search.js';
import { EventFile } from '../library/tensorboard/event-file.js';
import { predictionsOf, trialScalars } from '../library/tensorboard/search-events.js';
import { type DashboardBeside, dashboardBeside } from './dashboard.js';
import { inspectNamed } from './data-check.js';
import { heldOutFigures, heldOutImages } from './figures-of.js';
import { requireTask, taskOption } from './model-data.js';
import { amount, deviceOption, milliseconds, objectiveList, parseOptions, positiveNumber, refuseOnResume, wholeNumber } from './options.js';
import { afterSearch } from './next-steps.js';
import { commandLine } from './program-name.js';
import { onInterrupt, ProgressLine } from './progress.js';
import { SearchLog, SearchScreen } from './search-progress.js';
import { trialTable } from './trial-table.js';

const execution = {
  workers: wholeNumber(1).optional(),
  threads: wholeNumber(1).optional(),
  device: deviceOption.optional(),
  timeout: positiveNumber.optional(),
  queue: z.string().optional(),
  dashboard: z.boolean().default(false),
  log: z.enum(['text', 'json'], { error: (issue) => `must be text or json, got "${String(issue.input)}"` }).default('text'),
};

const choice = {
  candidates: wholeNumber(1).optional(),
  hours: positiveNumber.optional(),
  seed: wholeNumber(0).optional(),
  out: z.string().optional(),
  encoderWeights: z.string().optional(),
  task: taskOption.optional(),
};

const searchSchema = z.object({
  ...execution,
  ...choice,
  depthScale: positiveNumber.optional(),
  data: z.string().optional(),
  preset: z.string().optional(),
  teacher: z.string().optional(),
  strategy: z.enum(strategies, { error: (issue) => `must be one of ${strategies.join(', ')}, got "${String(issue.input)}"` }).optional(),
  objectives: objectiveList.optional(),
  maxParams: amount.optional(),
  maxMultiplyAdds: amount.optional(),
  maxLatency: milliseconds.optional(),
  target: z.string().optional(),
  targetLatency: milliseconds.optional(),
  reuseFrom: z.string().optional(),
  resume: z.string().optional(),
  tensorboard: z.string().optional(),
});

/** Said when the search was begun. */
const fixed = [
  'task',
  'depthScale',
  'preset',
  'strategy',
  'objectives',
  'seed',
  'out',
  'encoderWeights',
  'reuseFrom',
  'maxParams',
  'maxMultiplyAdds',
  'maxLatency',
  'target',
  'targetLatency',
] as const;

export async function searchCommand(raw: unknown): Promise<void> {
  const options = parseOptions(searchSchema, raw);
  const { resume, data, preset: name, encoderWeights: encoder, maxParams, maxMultiplyAdds, maxLatency } = options;
  if (resume !== undefined) {
    refuseOnResume(resume, 'search', options, fixed);
    return attended(options, (execution) => resumeSearch(resume, { ...options, ...execution }));
  }
  if (data === undefined || name === undefined)
    throw new UserError('--data and --preset are needed to begin a search; --resume RUN continues one');
  const preset = withDepthScale(await loadPreset(name), options.depthScale);
  requireTask(options.task, preset.task, `preset ${name}`);
  if (options.objectives && (options.strategy ?? preset.strategy) !== 'nsga2')
    throw new UserError('--objectives: only --strategy nsga2 has several; leave it out, or choose that');
  const out = options.out ?? (await freeFolder(`runs/${path.basename(name, '.yaml')}-${options.strategy ?? preset.strategy}`));
  const limits = { parameters: maxParams, multiplyAdds: maxMultiplyAdds, latency: maxLatency };
  return attended(options, (execution) => search({ ...options, ...execution, data, preset, out, encoder, limits }), name);
}

type Execution = Pick<z.output<typeof searchSchema>, keyof typeof execution> & { readonly tensorboard?: string | undefined };

/** With a screen or a log, an end by Ctrl-C, and what came of it. */
async function attended(
  { workers, threads, device, timeout, queue, dashboard, log, tensorboard }: Execution,
  work: (execution: SearchExecution, progress: ProgressLine) => Promise<SearchOutcome>,
  presetName?: string,
): Promise<void> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  const machines = log === 'json' ? new SearchLog() : undefined;
  let page: DashboardBeside | undefined;
  const events = tensorboard === undefined ? undefined : new EventFile(tensorboard);
  const onTrial = (trial: Trial, best: Trial | undefined): void =>
    events?.add({ step: trial.index, scalars: trialScalars(trial, best?.reward) });
  const observe: SearchExecution['observe'] = async ({ folder, done, candidates, hours, workers: count }): Promise<SearchObserver> => {
    if (dashboard) {
      page = await dashboardBeside(path.dirname(path.resolve(folder)));
      progress.print(`dashboard: ${page.url}#/${encodeURIComponent(path.basename(folder))}`);
    }
    return machines ?? new SearchScreen(progress, { total: candidates, done, hours, workers: count });
  };
  try {
    const { signal } = interrupt;
    const outcome = await work({ workers, threads, device, timeout, queue, observe, onTrial, reporter: progress, signal }, progress).catch(
      commandsNamed,
    );
    progress.end();
    const picture = events && outcome.best && (await predictionsOf(outcome.folder));
    if (picture && outcome.best) events.add({ step: outcome.best.index, images: { 'predictions of the best': picture } });
    // Standard output is for people, or for machines alone.
    await tellOutcome(outcome, presetName, machines ? console.error : console.log);
    const { interrupted, trials, best, files } = outcome;
    machines?.onEnd({ interrupted, trials: trials.length, best: best?.index ?? null, files });
    // A second Ctrl-C would otherwise be taken for one that asks the search to end.
    interrupt.release();
    if (!interrupted) await page?.keepServing();
  } finally {
    page?.stop();
    interrupt.release();
    progress.end();
  }
}

/** The library does not know by which commands one goes on. */
function commandsNamed(error: unknown): never {
  if (error instanceof SearchStopped) throw new UserError(`${error.message}: ${commandLine('search', '--resume', error.folder)}`);
  return inspectNamed(error);
}

/** @param presetName by which it was begun, where it was begun now */
async function tellOutcome(outcome: SearchOutcome, presetName: string | undefined, tell: (text: string) => void): Promise<void> {
  const { folder, preset, trials, best, prepared, interrupted, refused, files, bestMissing } = outcome;
  const after = prepared ? `after ${trials.length} architectures` : 'before the first architecture';
  if (interrupted) tell(`interrupted ${after}; go on with: ${commandLine('search', '--resume', folder)}`);
  if (refused > 0) tell(`${refused} architectures beyond the limits were proposed besides, and not evaluated`);
  if (!prepared || trials.length === 0) return;
  const failures = failureSummary(trials);
  if (!best) {
    if (failures !== undefined) tell(failures);
    throw new UserError(`none of ${trials.length} architectures could be trained; the reasons: ${commandLine('trials', folder)}`);
  }
  const images = await heldOutImages(folder, preset);
  tell(trialTable(trials, { best: 5, images }));
  tell(heldOutFigures(images, preset));
  if (failures !== undefined) tell(failures);
  if (bestMissing !== undefined)
    tell(`the best network is not here: ${bestMissing}; resume the search to have it evaluated again, or train it in full`);
  else if (files.length === 0) tell('every reward was taken over, so there is no network here: its weights are in the run it came from');
  if (preset.stage2) tell(stoppedShare(trials));
  const seconds = trials.reduce((n, { seconds: { training, validation } }) => n + training + validation, 0);
  tell(
    ['', ...files, `all ${trials.length}: ${commandLine('trials', folder)} (${formatDuration(seconds)} of training and validation)`].join(
      '\n',
    ),
  );
  const { data } = await RunFolder.open(folder).readConfig();
  const trainable = preset.train ? presetName : undefined;
  tell(['', ...afterSearch({ folder, data, best: best.index, hasNetwork: files.length > 0, trainable })].join('\n'));
}

/** How many the progressive stop kept from their second stage. */
function stoppedShare(trials: readonly Trial[]): string {
  const evaluated = trials.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined);
  const stopped = evaluated.filter(({ stage }) => stage === 1).length;
  return `${stopped} of ${evaluated.length} architectures (${((100 * stopped) / Math.max(1, evaluated.length)).toFixed(0)} %) were stopped after the first stage`;
}
