// What a search knows, as long as the program lives: for pages, and for tests that touch no disk. A store of the same name opened again
// is the same one. Everything goes in and out as JSON, as it does where it is kept.

import { UserError } from '../../core/errors/index.js';
import {
  type EpochLoss,
  type FinishedTrial,
  type Photo,
  type PictureEntry,
  type SearchEvent,
  type StoredProposal,
  type StoredRow,
  type Trial,
  type TrialDetail,
  type TrialFigures,
  type TrialStore,
  type TrialStores,
  trialSchema,
} from '../../core/search/index.js';
import { formatGenotype } from '../../core/space/index.js';
import type { Breakdown } from '../../core/task/index.js';
import { paths } from './paths.js';

interface Finished {
  readonly observed: number;
  readonly reward: number | null;
  readonly record: string;
  readonly worker: string | null;
  readonly finished: string;
}

interface Row {
  readonly proposal: StoredProposal;
  /** Which state of the strategy proposed it. */
  readonly snapshot: number;
  readonly started: string;
  finished?: Finished;
  detail?: TrialDetail;
}

type FinishedRow = Row & { readonly finished: Finished };

class Content {
  readonly values = new Map<string, string>([['id', crypto.randomUUID()]]);
  readonly rows = new Map<number, Row>();
  readonly photos = new Map<number, Photo>();
  readonly events: SearchEvent[] = [];
  snapshot = -1;
  state: { readonly policy: string; readonly stop: string | undefined } | undefined;
  changes = 0;
}

/** The time, for the record only. */
const now = (): string => new Date().toISOString();

/** As JSON, which has no NaN and no infinity. */
const figure = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : Number.NaN);

class MemoryTrialStore implements TrialStore {
  readonly folder: string;
  readonly #content: Content;
  readonly #isReadonly: boolean;

  constructor(file: string, content: Content, isReadonly: boolean) {
    this.folder = paths.dirname(file);
    this.#content = content;
    this.#isReadonly = isReadonly;
  }

  #write(): Content {
    if (this.#isReadonly) throw new Error('attempt to write a readonly store');
    this.#content.changes++;
    return this.#content;
  }

  get(key: string): string | undefined {
    return this.#content.values.get(key);
  }

  set(key: string, value: string): void {
    this.#write().values.set(key, value);
  }

  begin(policy: unknown, stop: unknown): void {
    if (this.#content.snapshot < 0) this.#take(policy, stop);
  }

  #take(policy: unknown, stop: unknown): void {
    const content = this.#write();
    content.snapshot++;
    content.state = { policy: JSON.stringify(policy), stop: stop === undefined ? undefined : JSON.stringify(stop) };
  }

  resume(): { policy: unknown; stop: unknown; pending: StoredProposal[] } | undefined {
    const { state, snapshot, rows } = this.#content;
    if (!state) return undefined;
    for (const [index, row] of rows) if (!row.finished && row.snapshot >= snapshot) rows.delete(index);
    const pending = [...rows.values()].filter(({ finished }) => !finished).map(({ proposal }) => proposal);
    return {
      policy: JSON.parse(state.policy),
      stop: state.stop === undefined ? undefined : JSON.parse(state.stop),
      pending: pending.toSorted((a, b) => a.index - b.index),
    };
  }

  propose(proposal: StoredProposal): void {
    const { rows, snapshot } = this.#write();
    if (rows.has(proposal.index)) throw new Error(`candidate ${proposal.index} is proposed twice`);
    rows.set(proposal.index, { proposal: structuredClone(proposal), snapshot, started: now() });
  }

  proposal(index: number): StoredProposal | undefined {
    return this.#content.rows.get(index)?.proposal;
  }

  finish(trial: Trial, detail: TrialDetail, policy: unknown, stop: unknown): boolean {
    const row = this.#content.rows.get(trial.index);
    if (!row || row.finished) return false;
    const observed = this.finishedCount() + 1;
    row.finished = { observed, reward: trial.reward, record: JSON.stringify(trial), worker: detail.worker ?? null, finished: now() };
    row.detail = structuredClone(detail);
    if (detail.refused !== undefined) this.set('refused', String(detail.refused));
    this.#take(policy, stop);
    return true;
  }

  note(kind: string, trial?: number, detail?: string): void {
    this.#write().events.push({ at: now(), kind, trial: trial ?? null, detail: detail ?? null });
  }

  /** In the order in which they were observed. */
  #finished(): FinishedRow[] {
    const isFinished = (row: Row): row is FinishedRow => row.finished !== undefined;
    return [...this.#content.rows.values()].filter(isFinished).toSorted((a, b) => a.finished.observed - b.finished.observed);
  }

  trials(): Trial[] {
    return this.#finished()
      .map(trialOf)
      .toSorted((a, b) => a.index - b.index);
  }

  trial(index: number): Trial | undefined {
    const row = this.#finished().find(({ proposal }) => proposal.index === index);
    return row && trialOf(row);
  }

  finishedSince(observed: number): FinishedTrial[] {
    return this.#finished()
      .filter(({ finished }) => finished.observed > observed)
      .map((row) => {
        const { observed: place, finished, worker } = row.finished;
        return { observed: place, started: row.started, finished, worker, trial: trialOf(row) };
      });
  }

  finishedCount(): number {
    return this.#finished().length;
  }

  bestReward(): number | null {
    const rewards = this.#finished().flatMap(({ finished: { reward } }) => reward ?? []);
    return rewards.length === 0 ? null : Math.max(...rewards);
  }

  bestIndex(own = false): { readonly index: number; readonly reward: number } | undefined {
    let best: Trial | undefined;
    for (const trial of this.#finished().map(trialOf))
      if (
        trial.error === undefined &&
        !(own && trial.reusedFrom !== undefined) &&
        trial.reward > (best?.reward ?? Number.NEGATIVE_INFINITY)
      )
        best = trial;
    return best && { index: best.index, reward: best.reward };
  }

  rewardsAt(observed: readonly number[]): number[] {
    const rows = this.#finished();
    return observed.flatMap((place) => {
      const row = rows[place - 1];
      return row ? (row.finished.reward ?? 0) : [];
    });
  }

  figuresSince(observed: number, most: number, metric = ''): TrialFigures[] {
    return this.finishedSince(observed)
      .slice(0, most)
      .map(({ observed: place, finished, trial }) => ({
        index: trial.index,
        observed: place,
        finished,
        reward: figure(trial.reward),
        genotype: JSON.stringify(trial.genotype),
        parameters: figure(trial.parameters),
        multiplyAdds: figure(trial.multiplyAdds),
        latency: figure(trial.latency),
        stage: figure(trial.stage),
        entropy: figure(trial.policy?.['entropy']),
        failed: trial.error !== undefined,
        reused: trial.reusedFrom !== undefined,
        seconds: figure(trial.seconds.training) + figure(trial.seconds.validation),
        metric: figure(trial.metrics[metric]),
      }));
  }

  row(index: number): StoredRow | undefined {
    const row = this.#finished().find(({ proposal }) => proposal.index === index);
    return row && storedRow(row);
  }

  perHour(): number | null {
    const times = this.#finished()
      .slice(-21)
      .map(({ finished: { finished } }) => Date.parse(finished));
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    return last > first ? ((times.length - 1) * 3_600_000) / (last - first) : null;
  }

  epochs(index: number): EpochLoss[] {
    const epochs = this.#content.rows.get(index)?.detail?.epochs ?? [];
    return epochs.filter(({ loss }) => Number.isFinite(loss)).toSorted((a, b) => a.stage - b.stage || a.epoch - b.epoch);
  }

  breakdown(index: number): Breakdown | undefined {
    return this.#content.rows.get(index)?.detail?.breakdown;
  }

  pictures(index: number): PictureEntry[] {
    return (this.#content.rows.get(index)?.detail?.pictures ?? []).map(({ image, score }) => ({ image, score }));
  }

  picture(index: number, image: number): Uint8Array | undefined {
    return this.#content.rows.get(index)?.detail?.pictures?.find((one) => one.image === image)?.picture;
  }

  keepPhoto(image: number, photo: Photo): void {
    this.#write().photos.set(image, structuredClone(photo));
  }

  photo(image: number): Photo | undefined {
    return this.#content.photos.get(image);
  }

  eventCount(kind: string, trial: number): number {
    return this.#content.events.filter((event) => event.kind === kind && event.trial === trial).length;
  }

  events(): SearchEvent[] {
    return [...this.#content.events];
  }

  lastEvents(most: number): SearchEvent[] {
    return this.#content.events.slice(-most);
  }

  begun(): string {
    const [first] = [...this.#content.rows.values()].toSorted((a, b) => a.proposal.index - b.proposal.index);
    return first?.started ?? '';
  }

  ended(): string {
    return this.#finished().at(-1)?.finished.finished ?? '';
  }

  id(): string | undefined {
    return this.get('id');
  }

  version(): number {
    return this.#content.changes;
  }

  check(): string {
    return 'ok';
  }

  close(): void {}
}

function trialOf({ finished: { record } }: FinishedRow): Trial {
  return trialSchema.parse(JSON.parse(record));
}

function storedRow({ proposal, finished: { observed, reward, finished, record } }: FinishedRow): StoredRow {
  return { idx: proposal.index, observed, reward, finished, genotype: formatGenotype(proposal.genotype), record };
}

export function memoryTrialStores(): TrialStores {
  const contents = new Map<string, Content>();
  return {
    open: (file, { readonly = false } = {}) => {
      const place = paths.resolve('/', file);
      const known = contents.get(place);
      if (!known && readonly) throw new UserError(`${file}: there is no such store`);
      const content = known ?? new Content();
      contents.set(place, content);
      return new MemoryTrialStore(file, content, readonly);
    },
  };
}
