// The trainings of a fit: all contenders' decoders alone for the same time, then the best of them as a whole network for what is left.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../core/data/index.js';
import { UserError } from '../../core/errors/index.js';
import { type EpochRecord, FitFolder, trainingEpochs } from '../../core/fit/index.js';
import { taskOf } from '../../core/preset/index.js';
import { metricName, shareText } from '../../core/task/index.js';
import type { FullStepReport } from '../../core/train/index.js';
import type { DeviceChoice } from '../../platform/node/device.js';
import { formatDuration } from '../duration.js';
import type { Reporter } from '../reporter.js';
import { resumeTraining, train, type TrainOutcome } from '../train.js';
import type { FitClock } from './clock.js';
import type { SettledPlan } from './fit-state.js';
import type { WholePreset } from './preset-for-data.js';

export interface Trained {
  readonly genotype: string;
  readonly history: readonly EpochRecord[];
}

export interface TrainingsOptions {
  /** Of the fit. */
  readonly folder: string;
  readonly data: string;
  readonly seed: number;
  readonly preset: WholePreset;
  readonly plan: SettledPlan;
  readonly clock: FitClock;
  readonly reporter: Reporter;
  readonly device?: DeviceChoice | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After every epoch. */
  readonly onEpoch: () => void;
}

export class Trainings {
  readonly #options: TrainingsOptions;
  readonly #score: string;

  constructor(options: TrainingsOptions) {
    this.#options = options;
    const { preset } = options;
    this.#score = taskOf(preset, preset.train.validation.framing).score;
  }

  /** @throws UserError when all of them diverge */
  async run(): Promise<void> {
    const { networks } = this.#options.plan;
    const faults: unknown[] = [];
    for (const [k, { first }] of networks.entries()) {
      if (this.#interrupted) return;
      await this.#trainTo(first, k).catch((error: unknown) => {
        // One that diverges leaves the others.
        if (!(error instanceof UserError) || networks.length === 1) throw error;
        faults.push(error);
        this.#options.reporter.print(`training ${k + 1}: ${error.message}`);
      });
    }
    if (faults.length === networks.length) throw faults[0];
    if (this.#interrupted) return;
    await rm(this.#taps, { recursive: true, force: true });
    const best = this.bestOf(await this.soFar());
    await this.#trainTo(trainingEpochs(this.#presetOf(best)), best);
  }

  get #interrupted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  get #taps(): string {
    return path.join(this.#options.folder, 'taps');
  }

  /** Its place in the plan; the search's best while none was validated. */
  bestOf(trainings: readonly Trained[]): number {
    const tops = trainings.map(({ history }) =>
      Math.max(...history.map(({ metrics }) => metrics?.[this.#score] ?? Number.NEGATIVE_INFINITY)),
    );
    return Math.max(0, tops.indexOf(Math.max(...tops)));
  }

  soFar(): Promise<readonly Trained[]> {
    const { networks } = this.#options.plan;
    return Promise.all(networks.map(async ({ genotype }, k) => ({ genotype, history: await historyOf(this.folderOf(k)) })));
  }

  folderOf(k: number): string {
    return path.join(this.#options.folder, `training-${k + 1}`);
  }

  #presetOf(k: number): WholePreset {
    const { preset, plan } = this.#options;
    const { first, epochs, every } = plan.networks[k] ?? { first: 1, epochs: 1, every: 1 };
    const stage1 = { ...firstStage(preset), samples: plan.samples, epochs: first };
    const { validation } = preset.train;
    return { ...preset, train: { ...preset.train, stage1, epochs, validation: { ...validation, every } } };
  }

  /** Trains on until so many epochs are done, the time is over, or it is interrupted. */
  async #trainTo(epochs: number, k: number): Promise<void> {
    const { data, seed, plan, clock, reporter, device, signal, onEpoch } = this.#options;
    const folder = this.folderOf(k);
    const begun = await exists(path.join(folder, 'config.yaml'));
    const before = begun ? await historyOf(folder) : [];
    if (before.length >= epochs) return;
    const preset = this.#presetOf(k);
    const total = trainingEpochs(preset);
    const stop = new AbortController();
    let isScored = before.some(({ metrics }) => metrics !== undefined);
    const named = `training ${k + 1} of ${plan.networks.length}`;
    const left = (): string => `${formatDuration(Math.max(0, clock.left))} of all left`;
    const execution = {
      taps: this.#taps,
      device,
      signal: signal ? AbortSignal.any([stop.signal, signal]) : stop.signal,
      reporter,
      onStep: ({ epoch, step, stepsPerEpoch, loss }: FullStepReport): void => {
        reporter.show(`${named}: epoch ${epoch + 1} of ${total}, step ${step}/${stepsPerEpoch}, loss ${loss.toFixed(3)}, ${left()}`);
        // Only what was validated counts: until something was, it goes on in any case.
        if (epochs === total && isScored && clock.left < plan.ending) stop.abort();
      },
      onEpoch: (record: EpochRecord): void => {
        const value = record.metrics?.[this.#score];
        isScored ||= value !== undefined;
        const what = record.stage === 1 ? ', the decoder alone' : '';
        if (value !== undefined)
          reporter.print(`${named}: epoch ${record.epoch} of ${total}${what}, ${metricName(this.#score)} ${shareText(value)}, ${left()}`);
        if (record.epoch >= epochs) stop.abort();
        onEpoch();
      },
    };
    const outcome: TrainOutcome = begun
      ? await resumeTraining(folder, { data, ...execution })
      : await train({ genotype: plan.networks[k]?.genotype ?? '', data, preset, out: folder, seed, ...execution });
    if (outcome.history.length === 0 && !this.#interrupted) throw new RangeError(`${folder}: no epoch was trained`);
  }
}

/** As the preset trains the decoder alone: in full, or else as a candidate. */
export function firstStage({ train: { stage1 }, stage1: candidate }: WholePreset): NonNullable<WholePreset['train']['stage1']> {
  return stage1 ?? candidate;
}

async function historyOf(folder: string): Promise<readonly EpochRecord[]> {
  if (!(await exists(path.join(folder, 'config.yaml')))) return [];
  const { folder: opened } = await FitFolder.open(folder);
  return (await opened.checkpoint())?.history ?? [];
}
