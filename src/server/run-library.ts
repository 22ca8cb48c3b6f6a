// The runs below a folder, opened for reading once each. A name from outside is only ever compared with the folder's own
// listing, never made into a path; links in it are not followed.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../errors/index.js';
import { RunFolder, type RunSummary, summariseRun, type TrialStore } from '../search/index.js';

export interface OpenRun {
  readonly folder: RunFolder;
  readonly store: TrialStore;
}

export class RunLibrary {
  readonly #folder: string;
  readonly #open = new Map<string, OpenRun>();

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

  /** @returns undefined when there is no such run, or it cannot be read */
  async find(name: string): Promise<OpenRun | undefined> {
    if (!(await this.names()).includes(name)) {
      this.#drop(name);
      return undefined;
    }
    const known = this.#open.get(name);
    if (known) return known;
    const folder = RunFolder.open(path.join(this.#folder, name));
    if (!(await folder.has('search.db')) || !(await folder.has('config.yaml'))) return undefined;
    try {
      const run = { folder, store: await folder.look() };
      this.#open.set(name, run);
      return run;
    } catch (error) {
      // Just being made, or damaged: it is shown once it can be read.
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  /** The latest first. */
  async summaries(): Promise<RunSummary[]> {
    const found: { summary: RunSummary; begun: string }[] = [];
    for (const name of await this.names()) {
      const run = await this.find(name);
      if (run) found.push({ summary: await summariseRun(run.folder, run.store), begun: run.store.begun() });
    }
    return found.toSorted((a, b) => b.begun.localeCompare(a.begun)).map(({ summary }) => summary);
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    this.#open.get(name)?.store.close();
    this.#open.delete(name);
  }
}
