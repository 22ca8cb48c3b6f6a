// A search as it goes: for people a live screen with a line per candidate in hand, for machines a JSON line per event.

import { shareText } from '../core/task/index.js';
import { type Genotype, genotypeToJson } from '../core/space/index.js';
import type { SearchObserver, Trial } from '../core/search/index.js';
import type { StepReport } from '../core/train/index.js';
import { formatDuration } from '../library/duration.js';
import type { ProgressLine } from './progress.js';
import { fitted, lineWidth } from './table.js';

export interface ScreenOptions {
  readonly total: number;
  /** Architectures that earlier sessions evaluated. */
  readonly done: number;
  readonly hours: number | undefined;
  readonly workers: number;
}

export class SearchScreen implements SearchObserver {
  readonly #progress: ProgressLine;
  readonly #options: ScreenOptions;
  readonly #started = performance.now();
  readonly #inHand = new Map<number, { text: string; share: number }>();
  #finished: number;
  #best = '';
  #last = '';

  constructor(progress: ProgressLine, options: ScreenOptions) {
    this.#progress = progress;
    this.#options = options;
    this.#finished = options.done;
  }

  onCandidate(index: number): void {
    this.#show(index, 'building', 0);
  }

  onStep(index: number, { stage, step, steps, epoch, loss }: StepReport): void {
    this.#show(index, `stage ${stage}, epoch ${epoch + 1}, step ${step}/${steps}, loss ${loss.toFixed(3)}`, step / steps);
  }

  onValidation(index: number): void {
    this.#show(index, 'validation', 1);
  }

  onEvent(kind: string, index: number, detail: string): void {
    this.#progress.print(`#${index}: ${kind}: ${detail}`);
  }

  onTrial(trial: Trial, best: Trial | undefined): void {
    this.#finished++;
    this.#inHand.delete(trial.index);
    this.#last = `, last reward ${shareText(trial.reward)}`;
    if (best) this.#best = `, best ${shareText(best.reward)} (#${best.index})`;
    const { training, validation } = trial.seconds;
    const outcome = trial.error === undefined ? `reward ${shareText(trial.reward)}` : `failed: ${trial.error}`;
    const time = trial.reusedFrom === undefined ? `${(training + validation).toFixed(1)} s` : `as #${trial.reusedFrom}`;
    this.#progress.print(
      fitted(`#${trial.index} ${outcome}${this.#best}  ${time}  ${JSON.stringify(trial.genotype)}`, lineWidth(process.stderr)),
    );
  }

  #show(index: number, text: string, share: number): void {
    this.#inHand.set(index, { text, share });
    const { total, done: before, hours = Number.POSITIVE_INFINITY } = this.#options;
    const elapsed = (performance.now() - this.#started) / 1000;
    const inHand = [...this.#inHand.values()].reduce((n, candidate) => n + 0.95 * candidate.share, 0);
    const done = this.#finished - before + inHand;
    const remaining = done > 0.2 ? Math.min((elapsed / done) * (total - before - done), Math.max(0, hours * 3600 - elapsed)) : undefined;
    const left = remaining === undefined ? '' : `, ${formatDuration(remaining)} left`;
    const lines = [...this.#inHand].map(([i, candidate]) => `architecture ${i} of ${total}: ${candidate.text}`);
    this.#progress.show([...lines, `${this.#finished} of ${total} done${this.#last}${this.#best}${left}`].join('\n'));
  }
}

/** `--log json`: on standard output. */
export class SearchLog implements SearchObserver {
  onCandidate(index: number, genotype: Genotype): void {
    this.#write('candidate', { index, genotype: genotypeToJson(genotype) });
  }

  onStep(index: number, report: StepReport): void {
    this.#write('step', { index, ...report });
  }

  onValidation(index: number): void {
    this.#write('validation', { index });
  }

  onEvent(kind: string, index: number, detail: string): void {
    this.#write(kind, { index, detail });
  }

  onTrial(trial: Trial, best: Trial | undefined): void {
    this.#write('trial', { ...trial, best: best?.index ?? null });
  }

  /** The last line. */
  onEnd(end: {
    readonly interrupted: boolean;
    readonly trials: number;
    readonly best: number | null;
    readonly files: readonly string[];
  }): void {
    this.#write('end', end);
  }

  #write(event: string, fields: Readonly<Record<string, unknown>>): void {
    process.stdout.write(`${JSON.stringify({ event, at: new Date().toISOString(), ...fields })}\n`);
  }
}
