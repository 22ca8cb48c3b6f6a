// The runs below a folder; searches are opened for reading once each. A name from outside is only ever compared with the folder's own
// listing, never made into a path.

import path from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { type DataCard, readCard } from '../core/inspect/index.js';
import { taskOf } from '../core/preset/index.js';
import { damagedRun, lostDatabase, type RunConfig, RunFolder, summariseRun, type TrialStore } from '../core/search/index.js';
import type { EarlyEnding, ListEntry, ListedRun, WorkView } from './api.js';
import { endedIn, withEndings } from './fit-ending.js';
import { fitView, listedFit } from './fit-view.js';
import { kindOf, plainFile, type RunKind, type RunPlace, runPlaces } from './run-places.js';
import { type RunSource, runView } from './run-view.js';
import { listedTraining, trainingView } from './training-view.js';
import { TrialColumns } from './trial-columns.js';

export interface OpenRun extends RunSource {
  readonly card: DataCard | undefined;
  readonly columns: TrialColumns;
}

/** There is such a run, and it cannot be read. */
export class DamagedRunError extends UserError {
  override readonly name = 'DamagedRunError';
  readonly statusCode = 422;
}

interface Opened {
  readonly id: string;
  readonly store: TrialStore;
  readonly columns: TrialColumns;
  /** Of the database's file: a run that was made anew has another, while this one is open. */
  readonly file: number;
  readonly card: DataCard | undefined;
  config: { readonly stamp: string; readonly value: RunConfig };
}

export class RunLibrary {
  readonly #folder: string;
  readonly #open = new Map<string, Opened>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws UserError when the folder cannot be read */
  places(): Promise<RunPlace[]> {
    return runPlaces(this.#folder);
  }

  /** Undefined when there is no such run. */
  async place(name: string): Promise<(RunPlace & { readonly kind: RunKind }) | undefined> {
    const place = (await this.places()).find((one) => one.name === name);
    const kind = place && (await kindOf(place));
    return kind && { ...place, kind };
  }

  /** A search. @returns undefined when there is none of this name @throws DamagedRunError when it cannot be read */
  async find(name: string): Promise<OpenRun | undefined> {
    const place = (await this.places()).find((one) => one.name === name);
    if (!place) {
      this.#drop(name);
      return undefined;
    }
    return this.#reading(name, () => this.#find(place));
  }

  /** @throws DamagedRunError when it cannot be read */
  async view(name: string): Promise<WorkView | undefined> {
    const place = await this.place(name);
    if (place?.kind !== 'training' && place?.kind !== 'fit') {
      const run = await this.find(name);
      return run && this.#reading(name, () => runView(run));
    }
    return this.#reading(name, async () => {
      if (place.kind === 'fit') return fitView(place, await this.#parts(place, await this.places()));
      return { ...(await trainingView(place, (await endedAround(place)).trained)), ending: await this.#endingOf(place) };
    });
  }

  async #reading<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#drop(name);
      throw new DamagedRunError(`the run ${name} cannot be read: ${damageOf(error) ?? reasonOf(error)}`);
    }
  }

  /** By what else lies in its fit. */
  async #endingOf({ name, folder }: RunPlace): Promise<EarlyEnding | null> {
    if (!name.includes('/')) return null;
    const parts = await this.#parts({ name: path.posix.dirname(name), folder: path.dirname(folder) }, await this.places());
    const own = parts.find(({ run }) => run === name);
    return own && own.state !== 'damaged' ? own.ending : null;
  }

  async #find({ name, folder: at }: RunPlace): Promise<OpenRun | undefined> {
    const folder = RunFolder.open(at);
    const database = await plainFile(folder.path('search.db'));
    if (!database) {
      this.#drop(name);
      if (await lostDatabase(folder)) throw new UserError('search.db is missing');
      return undefined;
    }
    if (this.#open.get(name)?.file !== database.ino) this.#drop(name);
    const isOver = (await endedAround({ name, folder: at })).searched;
    const settings = await plainFile(folder.path('config.yaml'));
    const stamp = `${settings?.ino} ${settings?.mtimeMs} ${settings?.size}`;
    const known = this.#open.get(name);
    if (known) {
      if (known.config.stamp !== stamp) known.config = { stamp, value: await folder.readConfig() };
      return { name, folder, isOver, ...known, config: known.config.value };
    }
    const value = await folder.readConfig();
    const store = await folder.look();
    // Somebody may have opened it meanwhile.
    const meanwhile = this.#open.get(name);
    if (meanwhile) {
      store.close();
      return { name, folder, isOver, ...meanwhile, config: meanwhile.config.value };
    }
    const id = store.id() ?? `file ${database.ino}`;
    const opened = {
      id,
      store,
      columns: new TrialColumns(store, id, taskOf(value.preset, value.preset.validation.framing).score),
      file: database.ino,
      card: await readCard(at),
      config: { stamp, value },
    };
    this.#open.set(name, opened);
    return { name, folder, isOver, ...opened, config: value };
  }

  /** The latest first, then those that cannot be read. */
  async list(): Promise<ListEntry[]> {
    const places = await this.places();
    const entries: ListEntry[] = [];
    for (const place of places) if (!place.name.includes('/')) entries.push(...(await this.#listed(place, places)));
    const begunOf = (entry: ListEntry): string => (entry.state === 'damaged' ? '' : (entry.begun ?? ''));
    return entries.toSorted((a, b) => begunOf(b).localeCompare(begunOf(a)));
  }

  async #parts(fit: RunPlace, places: readonly RunPlace[]): Promise<ListEntry[]> {
    const parts = places.filter(({ name }) => name.startsWith(`${fit.name}/`));
    return withEndings((await Promise.all(parts.map((part) => this.#alone(part, [])))).flat());
  }

  /** With what lies in it. */
  async #listed(place: RunPlace, places: readonly RunPlace[]): Promise<ListEntry[]> {
    const parts = await this.#parts(place, places);
    return [...(await this.#alone(place, parts)), ...parts];
  }

  /** None where there is no run. @param parts of a fit */
  async #alone(place: RunPlace, parts: readonly ListEntry[]): Promise<ListEntry[]> {
    const { name } = place;
    try {
      switch (await kindOf(place)) {
        case 'search':
          return await this.#listedSearch(place);
        case 'training':
          return [await listedTraining(place, (await endedAround(place)).trained)];
        case 'fit':
          return [await listedFit(place, parts)];
        default:
          this.#drop(name);
          return [];
      }
    } catch (error) {
      this.#drop(name);
      return [damagedRun(name, damageOf(error) ?? reasonOf(error))];
    }
  }

  async #listedSearch(place: RunPlace): Promise<ListedRun[]> {
    const run = await this.#find(place);
    if (!run) return [];
    const { config, store, card, isOver } = run;
    const { state, done, candidates, best, rewards } = summariseRun(place.name, config, store, isOver);
    const [begun, ended] = [store.begun(), store.ended()];
    return [
      {
        kind: 'search',
        run: place.name,
        state,
        begun: begun === '' ? null : begun,
        task: config.preset.task,
        data: config.data,
        images: card?.splits.find((split) => split.name === 'train')?.samples ?? null,
        seconds: begun === '' || ended === '' ? null : (Date.parse(ended) - Date.parse(begun)) / 1000,
        done,
        total: candidates,
        ending: null,
        best: best === null ? null : { name: 'reward', value: best },
        curve: rewards,
      },
    ];
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    this.#open.get(name)?.store.close();
    this.#open.delete(name);
  }
}

/** Of the fit in which something lies; nothing is over of what lies in none. */
async function endedAround({ name, folder }: RunPlace): Promise<{ readonly searched: boolean; readonly trained: boolean }> {
  return name.includes('/') ? endedIn(path.dirname(folder)) : { searched: false, trained: false };
}

/** What reading a damaged database throws, as a reason; undefined for what is no fault of the run. */
export function damageOf(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return 'its database holds something of another form than this version knows';
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_') ? reasonOf(error) : undefined;
}
