// The runs below a folder, opened for reading once each. A name from outside is only ever compared with the folder's own
// listing, never made into a path; links are not followed, neither to a run nor inside of one.

import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { damagedRun, lostDatabase, type RunConfig, type RunEntry, RunFolder, summariseRun, type TrialStore } from '../core/search/index.js';
import type { RunSource } from './run-view.js';
import { TrialColumns } from './trial-columns.js';

export interface OpenRun extends RunSource {
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
  config: { readonly stamp: string; readonly value: RunConfig };
}

export class RunLibrary {
  readonly #folder: string;
  readonly #open = new Map<string, Opened>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws UserError when the folder cannot be read */
  async names(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error: unknown) => {
      throw new UserError(`${this.#folder}: cannot be read (${reasonOf(error)}); give the folder that holds the runs`);
    });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  /** @returns undefined when there is no such run @throws DamagedRunError when it cannot be read */
  async find(name: string): Promise<OpenRun | undefined> {
    if (!(await this.names()).includes(name)) {
      this.#drop(name);
      return undefined;
    }
    try {
      return await this.#find(name);
    } catch (error) {
      this.#drop(name);
      throw new DamagedRunError(`the run ${name} cannot be read: ${damageOf(error) ?? reasonOf(error)}`);
    }
  }

  async #find(name: string): Promise<OpenRun | undefined> {
    const folder = RunFolder.open(path.join(this.#folder, name));
    const database = await plainFile(folder.path('search.db'));
    if (!database) {
      this.#drop(name);
      if (await lostDatabase(folder)) throw new UserError('search.db is missing');
      return undefined;
    }
    if (this.#open.get(name)?.file !== database.ino) this.#drop(name);
    const settings = await plainFile(folder.path('config.yaml'));
    const stamp = `${settings?.ino} ${settings?.mtimeMs} ${settings?.size}`;
    const known = this.#open.get(name);
    if (known) {
      if (known.config.stamp !== stamp) known.config = { stamp, value: await folder.readConfig() };
      return { name, folder, ...known, config: known.config.value };
    }
    const value = await folder.readConfig();
    const store = await folder.look();
    // Somebody may have opened it meanwhile.
    const meanwhile = this.#open.get(name);
    if (meanwhile) {
      store.close();
      return { name, folder, ...meanwhile, config: meanwhile.config.value };
    }
    const id = store.id() ?? `file ${database.ino}`;
    const opened = { id, store, columns: new TrialColumns(store, id), file: database.ino, config: { stamp, value } };
    this.#open.set(name, opened);
    return { name, folder, ...opened, config: value };
  }

  /** The latest first, then those that cannot be read. */
  async summaries(): Promise<RunEntry[]> {
    const found: { entry: RunEntry; begun: string }[] = [];
    for (const name of await this.names()) {
      try {
        const run = await this.find(name);
        if (run) found.push({ entry: summariseRun(name, run.config, run.store), begun: run.store.begun() });
      } catch (error) {
        found.push({ entry: damagedRun(name, damageOf(error) ?? error), begun: '' });
      }
    }
    return found.toSorted((a, b) => b.begun.localeCompare(a.begun)).map(({ entry }) => entry);
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    this.#open.get(name)?.store.close();
    this.#open.delete(name);
  }
}

/** What reading a damaged database throws, as a reason; undefined for what is no fault of the run. */
export function damageOf(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return 'its database holds something of another form than this version knows';
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_') ? reasonOf(error) : undefined;
}

/** Undefined where there is none, or something else of this name. */
async function plainFile(file: string): Promise<{ readonly ino: number; readonly mtimeMs: number; readonly size: number } | undefined> {
  const entry = await lstat(file).catch(() => undefined);
  return entry?.isFile() ? entry : undefined;
}
