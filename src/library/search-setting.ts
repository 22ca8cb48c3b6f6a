// What a search was begun with, and whether that is what there is now.

import { type Dataset, dataFingerprint, fileHash } from '../core/data/index.js';
import { UserError } from '../core/errors/index.js';
import { encoderFingerprint, loadEncoder } from '../core/model/index.js';
import type { EncoderWeights } from '../core/nn/index.js';
import { type RunConfig, RunFolder, type RunSetting, settingDifferences, type Trial } from '../core/search/index.js';
import { canonicalKey, parseGenotype } from '../core/space/index.js';
import { ownVersion } from '../core/platform/index.js';
import type { Reporter } from './reporter.js';

async function settingNow(
  { preset, seed, teacher }: RunConfig,
  dataset: Dataset,
  encoder: string,
  reporter: Reporter,
): Promise<RunSetting> {
  const data = await dataFingerprint(dataset, (done, total) => {
    if (done % 100 === 0) reporter.show(`reading the data ${done} of ${total}`);
  });
  return { version: ownVersion, seed, preset, data, encoder, teacher: teacher === undefined ? null : await fileHash(teacher) };
}

/**
 * What a search was begun with, and its encoder.
 * @throws UserError when it is not what there is now: trials would be mixed that do not mean the same
 */
export async function sameAsBegun(
  run: RunFolder,
  config: RunConfig,
  dataset: Dataset,
  reporter: Reporter,
): Promise<{ readonly setting: RunSetting; readonly encoder: EncoderWeights }> {
  const begun = await run.begunSetting();
  const encoder = await ownEncoder(run, config.preset.encoder, begun?.encoder, reporter);
  const now = await settingNow(config, dataset, encoderFingerprint(encoder), reporter);
  if (!begun) {
    if (await run.has('search.db')) reporter.print('note: it was not kept what this search was begun with; from now on it is');
    return { setting: now, encoder };
  }
  const differences = settingDifferences(begun, now);
  // Where these lie now can be said.
  const about = (['data', 'teacher'] as const).filter((key) => begun[key] !== now[key]);
  if (differences.length > 0) throw new UserError(`${run.folder}: cannot go on as it was begun: ${differences.join('; ')}`, { about });
  if (begun.version !== now.version) reporter.print(`note: begun by version ${begun.version}, this is ${now.version}`);
  return { setting: { ...begun, preset: now.preset }, encoder };
}

/** The run's encoder; where its file is damaged, from where it came, if that is the same still. */
async function ownEncoder(run: RunFolder, source: string, fingerprint: string | undefined, reporter: Reporter): Promise<EncoderWeights> {
  let fault: unknown;
  try {
    const encoder = await run.readEncoder();
    if (fingerprint === undefined || encoderFingerprint(encoder) === fingerprint) return encoder;
    fault = new UserError(`${run.path('encoder.safetensors')}: has other weights than the search was begun with; put the file back`);
  } catch (error) {
    fault = error;
  }
  const again = fingerprint === undefined ? undefined : await loadEncoder(source).catch(() => undefined);
  if (!again || encoderFingerprint(again) !== fingerprint) throw fault;
  reporter.print(`note: ${run.path('encoder.safetensors')} was damaged; it is written anew from ${source}`);
  await run.writeEncoder(again);
  return again;
}

/** Another run's trials by canonical key, where its rewards mean the same. */
export async function trialsToReuse(folder: string, config: RunConfig): Promise<Map<string, { trial: Trial; source: string }>> {
  const other = RunFolder.open(folder);
  const meaning = ({ data, preset, teacher = '', target, targetLatency }: RunConfig): Record<string, unknown> => {
    const { stage1, stage2, validation, reward, decoder, distillation, encoder, data: classes } = preset;
    const { progressiveStop, halving, learningCurveStop, inheritance } = preset;
    const own = { ...('heatmap' in preset && { heatmap: preset.heatmap }), ...('loss' in preset && { loss: preset.loss }) };
    const shared = { task: preset.task, data, teacher, stage1, stage2, validation, reward, decoder, distillation, encoder };
    // Where latency is part of the reward.
    const soft = targetLatency === undefined ? '' : { targetLatency, exponent: preset.latencyExponent, pieces: target?.pieces };
    return { ...shared, soft, progressiveStop, halving, learningCurveStop, inheritance, classes, ...own };
  };
  const [theirs, ours] = [meaning(await other.readConfig()), meaning(config)];
  const different = Object.keys(ours).filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]));
  if (different.length > 0)
    throw new UserError(
      `rewards of ${folder} cannot be taken over, they mean something else: ${different.join(', ')} differ(s) from this search`,
      {
        about: ['reuseFrom'],
      },
    );
  const trials = (await other.readTrials()).filter(({ error }) => error === undefined);
  // By what makes networks equal today: versions before 0.3.0 kept keys that some unequal networks share.
  const keyOf = ({ genotype }: Trial): string => canonicalKey(parseGenotype(JSON.stringify(genotype)));
  return new Map(trials.map((trial) => [keyOf(trial), { trial, source: `${folder}#${trial.index}` }]));
}
