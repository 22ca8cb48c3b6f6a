// `fit`: from a folder to a deployed model.

import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { playgroundModel } from '../core/model/index.js';
import { formatDuration } from '../library/duration.js';
import { type FitExecution, fit as fitToData, type FitOutcome, fitPreset, type FitPresetOptions, resumeFit } from '../library/fit/fit.js';
import { toldFigures } from '../library/fit/told-figures.js';
import { isFinished } from '../library/fit/fit-state.js';
import { freeFolder } from '../library/free-folder.js';
import { SearchStopped } from '../library/run-search.js';
import { writePlayground } from '../server/index.js';
import { type DashboardBeside, dashboardBeside } from './dashboard.js';
import { inspectNamed } from './data-check.js';
import { taskOption } from './model-data.js';
import { deviceOption, milliseconds, parseOptions, positiveNumber, refuseOnResume, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { replaceFile } from '../platform/node/files/index.js';
import { commandLine } from './program-name.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  data: z.string().optional(),
  hours: positiveNumber.optional(),
  task: taskOption.optional(),
  depthScale: positiveNumber.optional(),
  classes: z.string().optional(),
  ignore: wholeNumber(0).optional(),
  maxLatency: milliseconds.optional(),
  target: z.string().optional(),
  preset: z.string().optional(),
  onlyPreset: z.string().optional(),
  overwrite: z.boolean().default(false),
  encoderWeights: z.string().optional(),
  candidates: wholeNumber(1).optional(),
  workers: wholeNumber(1).optional(),
  device: deviceOption.optional(),
  seed: wholeNumber(0).optional(),
  out: z.string().optional(),
  resume: z.string().optional(),
  dashboard: z.boolean().default(false),
});

/** Said when it was begun. */
const fixed = [
  'hours',
  'task',
  'depthScale',
  'classes',
  'ignore',
  'maxLatency',
  'target',
  'preset',
  'onlyPreset',
  'encoderWeights',
  'candidates',
  'seed',
  'out',
] as const;

export async function fitCommand(data: string | undefined, raw: unknown): Promise<void> {
  const options = parseOptions(schema, raw);
  const { resume, hours, encoderWeights: encoder, workers, device } = options;
  if (resume !== undefined) {
    refuseOnResume(resume, 'fit', options, fixed);
    if (data !== undefined)
      throw new UserError(`${data}: --resume ${resume} knows its data; leave the folder out, or give --data where it has moved`);
    if (await isFinished(resume))
      return console.log(
        `${resume}: is finished, and left as it is; what it is worth: ${path.join(resume, 'report.html')}. With more time: fit it anew in another folder`,
      );
    return attended(resume, options.dashboard, (execution) => resumeFit(resume, { data: options.data, workers, device, ...execution }));
  }
  if (options.data !== undefined)
    throw new UserError(`--data ${options.data}: says where the data of --resume lies now; to begin, give the folder without --data`);
  const classes = options.classes?.split(',').map((name) => name.trim());
  if (options.onlyPreset !== undefined && data !== undefined)
    return writePreset(data, options.onlyPreset, { ...options, encoder, classes });
  if (data === undefined || hours === undefined)
    throw new UserError(
      'a folder of data and --hours are needed, as in: auxcell fit path/to/images --hours 2; --resume FOLDER goes on with one',
    );
  const out = options.out ?? (await freeFolder(`runs/${path.basename(path.resolve(data))}-fit`));
  return attended(out, options.dashboard, (execution) =>
    fitToData({ ...options, data, hours, out, encoder, workers, classes, ...execution }),
  );
}

interface PresetGiven extends Omit<FitPresetOptions, 'data'> {
  readonly preset?: string | undefined;
  readonly overwrite: boolean;
}

async function writePreset(data: string, file: string, { preset, overwrite, ...options }: PresetGiven): Promise<void> {
  if (preset !== undefined) throw new UserError(`--preset ${preset}: is there already; leave it out, or leave out --only-preset`);
  await refuseTaken([file], { option: '--only-preset', overwrite, inputs: [data, options.encoder] });
  const reporter = { show: () => {}, print: (text: string) => console.error(text) };
  await replaceFile(file, await fitPreset({ ...options, data, reporter }).catch(inspectNamed));
  console.log(file);
}

/** With a live line, an end by Ctrl-C, and what came of it. */
export async function attended(folder: string, dashboard: boolean, work: (execution: FitExecution) => Promise<FitOutcome>): Promise<void> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  let page: DashboardBeside | undefined;
  try {
    if (dashboard) {
      page = await dashboardBeside(path.resolve(folder));
      progress.print(`dashboard: ${page.url}`);
    }
    const outcome = await work({ reporter: progress, signal: interrupt.signal, waysOn }).catch((error: unknown): never => {
      if (error instanceof SearchStopped) throw new UserError(`${error.message}: ${commandLine('fit', '--resume', folder)}`);
      return inspectNamed(error);
    });
    const files = [...outcome.files, ...(await playgroundOf(outcome))];
    progress.end();
    tell(outcome, files);
    interrupt.release();
    if (!outcome.interrupted) await page?.keepServing();
  } finally {
    page?.stop();
    interrupt.release();
    progress.end();
  }
}

/** The commands in the report, as they work from where it was started. */
function waysOn({ folder, data }: { readonly folder: string; readonly data: string }): string[] {
  const model = path.join(folder, 'model.onnx');
  return [
    commandLine('playground', model),
    commandLine('predict', model, 'PICTURE', '-o', 'seen'),
    commandLine('eval', model, '--data', data),
    commandLine('report', path.join(folder, 'search'), '-o', 'search.html'),
  ];
}

/** A page with the model and some of the validation photographs. */
async function playgroundOf({ folder, figures, pictures }: FitOutcome): Promise<string[]> {
  if (!figures) return [];
  const [model, place] = [path.join(folder, 'model.onnx'), path.join(folder, 'playground')];
  const samples = pictures.map((bytes) => ({ type: 'image/jpeg' as const, bytes }));
  await writePlayground({ ...(await playgroundModel(model)), name: path.basename(path.resolve(folder)), samples }, place);
  return [place];
}

function tell({ folder, figures, interrupted, isTrained, seconds }: FitOutcome, files: readonly string[]): void {
  if (interrupted) console.log(`interrupted after ${formatDuration(seconds.spent)}; go on with: ${commandLine('fit', '--resume', folder)}`);
  if (!figures) return;
  if (!isTrained) console.log('what is written is the best of the search so far, which was trained for moments only');
  const { latency, latencySize, parameters, bytes, test, predicted } = figures;
  const size = `${latencySize.width}×${latencySize.height}`;
  console.log(toldFigures(figures, 'validation images'));
  if (test) console.log(toldFigures(test, 'test images, which chose nothing and were looked at once'));
  const there = predicted ? `, ${predicted.milliseconds.toFixed(1)} ms predicted on ${predicted.device}` : '';
  console.log(
    `${(parameters / 1e6).toFixed(2)} M parameters, ${(bytes / 2 ** 20).toFixed(1)} MiB, ${latency.toFixed(1)} ms an image of ${size} here on one thread${there}`,
  );
  console.log(`${formatDuration(seconds.spent)} of ${formatDuration(seconds.given)} taken\n`);
  console.log(files.join('\n'));
  console.log(`\nNode:     const model = await openModel('${path.join(folder, 'model.onnx')}'); await model.predict('picture.jpg');`);
  console.log(`Browser:  ${commandLine('playground', path.join(folder, 'model.onnx'))}`);
  console.log(`          or on any web host: ${path.join(folder, 'playground')}`);
}
