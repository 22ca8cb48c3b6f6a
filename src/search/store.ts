// What a search knows, in one SQLite database (WAL, synced at every commit): trials, their epochs, the strategy's state,
// events. A trial and the state that the strategy has after it are one transaction.
//
// A resumed search restores the last state. Trials that were proposed before it was taken and are unfinished are
// evaluated again as proposed; those proposed after it are forgotten, for the restored strategy proposes them again.

import Database from 'better-sqlite3';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { formatGenotype, type Genotype, parseGenotype } from '../space/index.js';
import { type CandidateTicket, ticketSchema } from './early-stop.js';
import type { EpochLoss } from './evaluate.js';
import { type Trial, trialSchema } from './trial.js';

const schema = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trials (
  idx INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  genotype TEXT NOT NULL,
  log_probability REAL,
  ticket TEXT,
  snapshot INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  observed INTEGER UNIQUE,
  reward REAL,
  record TEXT,
  worker TEXT,
  started TEXT NOT NULL,
  finished TEXT
);
CREATE INDEX IF NOT EXISTS trials_key ON trials (key);
CREATE TABLE IF NOT EXISTS epochs (
  idx INTEGER NOT NULL, stage INTEGER NOT NULL, epoch INTEGER NOT NULL, loss REAL NOT NULL, PRIMARY KEY (idx, stage, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (id INTEGER PRIMARY KEY, policy TEXT NOT NULL, stop TEXT, taken TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, trial INTEGER, detail TEXT);
`;

const formatVersion = '1';
/** States of the strategy that are kept: the last is what counts, the others are for looking back. */
const keptSnapshots = 3;

export interface StoredProposal {
  readonly index: number;
  readonly genotype: Genotype;
  readonly key: string;
  readonly logProbability?: number | undefined;
  readonly ticket?: CandidateTicket | undefined;
}

export interface SearchEvent {
  readonly at: string;
  readonly kind: string;
  readonly trial: number | null;
  readonly detail: string | null;
}

const proposalRow = z.object({
  idx: z.number(),
  key: z.string(),
  genotype: z.string(),
  log_probability: z.number().nullable(),
  ticket: z.string().nullable(),
});
const snapshotRow = z.object({ id: z.number(), policy: z.string(), stop: z.string().nullable() });
const recordRow = z.object({ record: z.string() });
const valueRow = z.object({ value: z.string() });
const countRow = z.object({ n: z.number() });
const epochRow = z.object({ stage: z.number(), epoch: z.number(), loss: z.number() });
const eventRow = z.object({ at: z.string(), kind: z.string(), trial: z.number().nullable(), detail: z.string().nullable() });

/** The time, for the record only. */
const now = (): string => new Date().toISOString();

export class TrialStore {
  readonly #db: Database.Database;
  #snapshot: number;

  private constructor(db: Database.Database, snapshot: number) {
    this.#db = db;
    this.#snapshot = snapshot;
  }

  /** @throws UserError when the file is no database of ours or of a later version */
  static open(file: string, options: { readonly readonly?: boolean } = {}): TrialStore {
    try {
      const db = new Database(file, { readonly: options.readonly === true, fileMustExist: options.readonly === true, timeout: 10_000 });
      if (!options.readonly) {
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = FULL');
        db.exec(schema);
        db.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('format', formatVersion);
      }
      const format = valueRow.parse(db.prepare("SELECT value FROM meta WHERE key = 'format'").get()).value;
      if (format !== formatVersion) throw new Error(`it has format ${format}, this version reads ${formatVersion}`);
      const last = countRow.parse(db.prepare('SELECT coalesce(max(id), -1) AS n FROM snapshots').get()).n;
      return new TrialStore(db, last);
    } catch (error) {
      throw new UserError(`${file}: cannot be opened as the database of a search (${reasonOf(error)})`);
    }
  }

  get(key: string): string | undefined {
    const row = this.#db.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? undefined : valueRow.parse(row).value;
  }

  set(key: string, value: string): void {
    this.#db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
  }

  /** The strategy's state before the first proposal. */
  begin(policy: unknown, stop: unknown): void {
    if (this.#snapshot < 0) this.#db.transaction(() => this.#takeSnapshot(policy, stop))();
  }

  /** The last state of the strategy, and what was proposed before it and is not finished. */
  resume(): { policy: unknown; stop: unknown; pending: StoredProposal[] } | undefined {
    const row = this.#db.prepare('SELECT id, policy, stop FROM snapshots ORDER BY id DESC LIMIT 1').get();
    if (row === undefined) return undefined;
    const { id, policy, stop } = snapshotRow.parse(row);
    this.#db.prepare("DELETE FROM trials WHERE state = 'running' AND snapshot >= ?").run(id);
    const rows = this.#db
      .prepare("SELECT idx, key, genotype, log_probability, ticket FROM trials WHERE state = 'running' ORDER BY idx")
      .all();
    const pending = rows.map((value) => {
      const { idx, key, genotype, log_probability: logProbability, ticket } = proposalRow.parse(value);
      return {
        index: idx,
        key,
        genotype: parseGenotype(genotype),
        ...(logProbability !== null && { logProbability }),
        ...(ticket !== null && { ticket: ticketSchema.parse(JSON.parse(ticket)) }),
      };
    });
    return { policy: JSON.parse(policy), stop: stop === null ? undefined : JSON.parse(stop), pending };
  }

  propose({ index, genotype, key, logProbability, ticket }: StoredProposal): void {
    this.#db
      .prepare(
        "INSERT INTO trials (idx, key, genotype, log_probability, ticket, snapshot, state, started) VALUES (?, ?, ?, ?, ?, ?, 'running', ?)",
      )
      .run(index, key, formatGenotype(genotype), logProbability ?? null, ticket ? JSON.stringify(ticket) : null, this.#snapshot, now());
  }

  /** A finished trial with the strategy's state after it: both or neither. @returns false when it was finished before */
  finish(trial: Trial, epochs: readonly EpochLoss[], policy: unknown, stop: unknown, worker?: string): boolean {
    return this.#db.transaction(() => {
      const observed = countRow.parse(this.#db.prepare('SELECT coalesce(max(observed), 0) + 1 AS n FROM trials').get()).n;
      const { changes } = this.#db
        .prepare(
          "UPDATE trials SET state = 'done', observed = ?, reward = ?, record = ?, worker = ?, finished = ? WHERE idx = ? AND state = 'running'",
        )
        .run(observed, trial.reward, JSON.stringify(trial), worker ?? null, now(), trial.index);
      if (changes === 0) return false;
      const insert = this.#db.prepare('INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)');
      for (const { stage, epoch, loss } of epochs) insert.run(trial.index, stage, epoch, loss);
      this.#takeSnapshot(policy, stop);
      return true;
    })();
  }

  #takeSnapshot(policy: unknown, stop: unknown): void {
    const id = this.#snapshot + 1;
    this.#db
      .prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?)')
      .run(id, JSON.stringify(policy), stop === undefined ? null : JSON.stringify(stop), now());
    this.#db.prepare('DELETE FROM snapshots WHERE id <= ?').run(id - keptSnapshots);
    this.#snapshot = id;
  }

  note(kind: string, trial?: number, detail?: string): void {
    this.#db.prepare('INSERT INTO events (at, kind, trial, detail) VALUES (?, ?, ?, ?)').run(now(), kind, trial ?? null, detail ?? null);
  }

  /** Finished trials by index. */
  trials(): Trial[] {
    const rows = this.#db.prepare("SELECT record FROM trials WHERE state = 'done' ORDER BY idx").all();
    return rows.map((row) => trialSchema.parse(JSON.parse(recordRow.parse(row).record)));
  }

  epochs(index: number): EpochLoss[] {
    return this.#db
      .prepare('SELECT stage, epoch, loss FROM epochs WHERE idx = ? ORDER BY stage, epoch')
      .all(index)
      .map((row) => epochRow.parse(row));
  }

  events(): SearchEvent[] {
    return this.#db
      .prepare('SELECT at, kind, trial, detail FROM events ORDER BY id')
      .all()
      .map((row) => eventRow.parse(row));
  }

  /** `ok`, or what SQLite finds wrong. */
  check(): string {
    return z.array(z.object({ integrity_check: z.string() })).parse(this.#db.pragma('integrity_check'))[0]?.integrity_check ?? '';
  }

  close(): void {
    this.#db.close();
  }
}
