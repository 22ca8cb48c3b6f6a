// What a search knows, in one SQLite database (WAL, synced at every commit): trials, their epochs, the strategy's state, events.

import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { parseJson, reasonOf, UserError } from '../../core/errors/index.js';
// From their own files: a program that only looks at a run need not load all of the search.
import { ticketSchema } from '../../core/search/ticket.js';
import { breakdownSchema, type Trial, trialSchema } from '../../core/search/trial.js';
import type {
  EpochLoss,
  FinishedTrial,
  Photo,
  PictureEntry,
  SearchEvent,
  StoredProposal,
  StoredRow,
  TrialDetail,
  TrialFigures,
  TrialStore,
} from '../../core/search/index.js';
import { formatGenotype, parseGenotype } from '../../core/space/genotype.js';
import type { Breakdown } from '../../core/task/index.js';
import { sqlite } from './sqlite.js';

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
CREATE INDEX IF NOT EXISTS trials_reward ON trials (reward DESC, observed) WHERE state = 'done';
CREATE TABLE IF NOT EXISTS epochs (
  idx INTEGER NOT NULL, stage INTEGER NOT NULL, epoch INTEGER NOT NULL, loss REAL NOT NULL, PRIMARY KEY (idx, stage, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (id INTEGER PRIMARY KEY, policy TEXT NOT NULL, stop TEXT, taken TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS breakdowns (idx INTEGER PRIMARY KEY, breakdown TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS photos (image INTEGER PRIMARY KEY, jpeg BLOB NOT NULL, truth BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
  idx INTEGER NOT NULL, place INTEGER NOT NULL, image INTEGER NOT NULL, score REAL NOT NULL, picture BLOB NOT NULL, PRIMARY KEY (idx, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, trial INTEGER, detail TEXT);
`;

const formatVersion = '1';
/** States of the strategy that are kept: the last is what counts, the others are for looking back. */
const keptSnapshots = 3;

const finishedRow = z.object({
  observed: z.number(),
  started: z.string(),
  finished: z.string(),
  worker: z.string().nullable(),
  record: z.string(),
});
const photoRow = z.object({ jpeg: z.instanceof(Uint8Array), truth: z.instanceof(Uint8Array) });
const storedRow = z.object({
  idx: z.number(),
  observed: z.number(),
  reward: z.number().nullable(),
  finished: z.string(),
  genotype: z.string(),
  record: z.string(),
});
const rewardRow = z.object({ reward: z.number() });
const breakdownRow = z.object({ breakdown: z.string() });

const proposalRow = z.object({
  idx: z.number(),
  key: z.string(),
  genotype: z.string(),
  log_probability: z.number().nullable(),
  ticket: z.string().nullable(),
});
const snapshotRow = z.object({ id: z.number(), policy: z.string(), stop: z.string().nullable() });
const recordRow = z.object({ idx: z.number(), record: z.string() });
const valueRow = z.object({ value: z.string() });
const countRow = z.object({ n: z.number() });
const epochRow = z.object({ stage: z.number(), epoch: z.number(), loss: z.number() });
const eventRow = z.object({ at: z.string(), kind: z.string(), trial: z.number().nullable(), detail: z.string().nullable() });

/** What cannot be read is null, which is the state of nobody: whoever takes it refuses it. */
function stateOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function proposalOf(row: unknown): StoredProposal {
  const { idx, key, genotype, log_probability: logProbability, ticket } = proposalRow.parse(row);
  return {
    index: idx,
    key,
    genotype: parseGenotype(genotype),
    ...(logProbability !== null && { logProbability }),
    ...(ticket !== null && { ticket: ticketSchema.parse(JSON.parse(ticket)) }),
  };
}

/** The time, for the record only. */
const now = (): string => new Date().toISOString();

export class SqliteTrialStore implements TrialStore {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #snapshot: number;

  private constructor(db: Database.Database, snapshot: number) {
    this.#db = db;
    this.#snapshot = snapshot;
  }

  /** @throws UserError when the file is no database of ours or of a later version */
  static open(file: string, options: { readonly readonly?: boolean } = {}): SqliteTrialStore {
    try {
      const db = new (sqlite())(file, { readonly: options.readonly === true, fileMustExist: options.readonly === true, timeout: 10_000 });
      if (!options.readonly) {
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = FULL');
        db.exec(schema);
        db.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('format', formatVersion);
        db.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('id', randomUUID());
      }
      const format = valueRow.parse(db.prepare("SELECT value FROM meta WHERE key = 'format'").get()).value;
      if (format !== formatVersion) throw new Error(`it has format ${format}, this version reads ${formatVersion}`);
      const last = countRow.parse(db.prepare('SELECT coalesce(max(id), -1) AS n FROM snapshots').get()).n;
      return new SqliteTrialStore(db, last);
    } catch (error) {
      const missing = nativeProblem(error);
      throw new UserError(missing ?? `${file}: cannot be opened as the database of a search (${reasonOf(error)})`);
    }
  }

  /** Prepared once, for what is asked by the hundred. */
  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  get(key: string): string | undefined {
    const row = this.#db.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? undefined : valueRow.parse(row).value;
  }

  set(key: string, value: string): void {
    this.#db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
  }

  /** The folder that the database lies in. */
  get folder(): string {
    return path.dirname(this.#db.name);
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
    const pending = rows.map(proposalOf);
    return { policy: stateOf(policy), stop: stop === null ? undefined : stateOf(stop), pending };
  }

  propose({ index, genotype, key, logProbability, ticket }: StoredProposal): void {
    this.#db
      .prepare(
        "INSERT INTO trials (idx, key, genotype, log_probability, ticket, snapshot, state, started) VALUES (?, ?, ?, ?, ?, ?, 'running', ?)",
      )
      .run(index, key, formatGenotype(genotype), logProbability ?? null, ticket ? JSON.stringify(ticket) : null, this.#snapshot, now());
  }

  /** A candidate as it was proposed, finished or not. */
  proposal(index: number): StoredProposal | undefined {
    const row = this.#db.prepare('SELECT idx, key, genotype, log_probability, ticket FROM trials WHERE idx = ?').get(index);
    return row === undefined ? undefined : proposalOf(row);
  }

  /** An image with its truth, for looking at. @param image its number among those by which architectures are scored */
  keepPhoto(image: number, { jpeg, truth }: Photo): void {
    this.#db.prepare('INSERT OR REPLACE INTO photos VALUES (?, ?, ?)').run(image, jpeg, truth);
  }

  photo(image: number): Photo | undefined {
    const table = this.#showsAll ? 'shown' : 'photos';
    const row = this.#has(table) ? this.#db.prepare(`SELECT jpeg, truth FROM ${table} WHERE image = ?`).get(image) : undefined;
    return row === undefined ? undefined : photoRow.parse(row);
  }

  /** Of which images there is a picture of what a trial's network sees; best first. */
  pictures(index: number): PictureEntry[] {
    const rows = this.#showsAll
      ? this.#db.prepare('SELECT image, NULL AS score FROM pictures WHERE idx = ? ORDER BY image').all(index)
      : this.#has('seen')
        ? this.#db.prepare('SELECT image, score FROM seen WHERE idx = ? ORDER BY place').all(index)
        : [];
    return z.array(z.object({ image: z.number(), score: z.number().nullable() })).parse(rows);
  }

  /** What a trial's network sees in an image: PNG or SVG. */
  picture(index: number, image: number): Uint8Array | undefined {
    const query = this.#showsAll
      ? 'SELECT png AS picture FROM pictures WHERE idx = ? AND image = ?'
      : 'SELECT picture FROM seen WHERE idx = ? AND image = ?';
    const row = this.#showsAll || this.#has('seen') ? this.#db.prepare(query).get(index, image) : undefined;
    return row === undefined ? undefined : z.object({ picture: z.instanceof(Uint8Array) }).parse(row).picture;
  }

  /** Runs of 0.2 keep the same four images of every trial. */
  get #showsAll(): boolean {
    return this.#has('pictures') && this.#has('shown');
  }

  breakdown(index: number): Breakdown | undefined {
    const row = this.#has('breakdowns') ? this.#db.prepare('SELECT breakdown FROM breakdowns WHERE idx = ?').get(index) : undefined;
    return row === undefined ? undefined : breakdownSchema.parse(JSON.parse(breakdownRow.parse(row).breakdown));
  }

  /** Runs of earlier versions lack some tables. */
  #has(table: string): boolean {
    return this.#db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined;
  }

  /** Changes with every commit of another process. */
  version(): number {
    return z.array(z.object({ data_version: z.number() })).parse(this.#db.pragma('data_version'))[0]?.data_version ?? 0;
  }

  /** Finished trials in the order in which they were observed, behind `observed`, with their times. */
  finishedSince(observed: number): FinishedTrial[] {
    return this.#db
      .prepare("SELECT observed, started, finished, worker, record FROM trials WHERE state = 'done' AND observed > ? ORDER BY observed")
      .all(observed)
      .map((row) => {
        const { record, ...rest } = finishedRow.parse(row);
        return { ...rest, trial: trialSchema.parse(JSON.parse(record)) };
      });
  }

  /** A finished trial with the strategy's state after it: both or neither. @returns false when it was finished before */
  finish(trial: Trial, { epochs = [], breakdown, pictures = [], worker, refused }: TrialDetail, policy: unknown, stop: unknown): boolean {
    return this.#db.transaction(() => {
      const observed = countRow.parse(this.#db.prepare('SELECT coalesce(max(observed), 0) + 1 AS n FROM trials').get()).n;
      const { changes } = this.#db
        .prepare(
          "UPDATE trials SET state = 'done', observed = ?, reward = ?, record = ?, worker = ?, finished = ? WHERE idx = ? AND state = 'running'",
        )
        .run(observed, trial.reward, JSON.stringify(trial), worker ?? null, now(), trial.index);
      if (changes === 0) return false;
      const insert = this.#db.prepare('INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)');
      for (const { stage, epoch, loss } of epochs) if (Number.isFinite(loss)) insert.run(trial.index, stage, epoch, loss);
      if (breakdown) this.#db.prepare('INSERT OR REPLACE INTO breakdowns VALUES (?, ?)').run(trial.index, JSON.stringify(breakdown));
      const seen = this.#db.prepare('INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)');
      for (const [place, { image, score, picture }] of pictures.entries()) seen.run(trial.index, place, image, score, picture);
      if (refused !== undefined) this.set('refused', String(refused));
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
    const rows = this.#db.prepare("SELECT idx, record FROM trials WHERE state = 'done' ORDER BY idx").all();
    return rows.map((row) => this.#trialOf(row));
  }

  trial(index: number): Trial | undefined {
    const row = this.#db.prepare("SELECT idx, record FROM trials WHERE state = 'done' AND idx = ?").get(index);
    return row === undefined ? undefined : this.#trialOf(row);
  }

  /** @throws UserError that names the trial whose record is of another form: a search cannot go on without it */
  #trialOf(row: unknown): Trial {
    const { idx, record } = recordRow.parse(row);
    const trial = trialSchema.safeParse(parseJson(record));
    if (trial.success) return trial.data;
    const [issue] = trial.error.issues;
    throw new UserError(
      `${this.#db.name}: the record of trial ${idx} is not of this version's form (${issue?.path.join('.') || 'JSON'}: ${issue?.message}); the dashboard shows what can be read of it`,
    );
  }

  /** When the first trial was begun; empty while there is none. */
  begun(): string {
    const row = this.#db.prepare('SELECT started AS at FROM trials ORDER BY idx LIMIT 1').get();
    return row === undefined ? '' : z.object({ at: z.string() }).parse(row).at;
  }

  /** When the last trial was finished; empty while none is. */
  ended(): string {
    // Found by the index: among a hundred thousand records the latest time takes a fifth of a second to look for.
    const row = this.#db.prepare('SELECT finished AS at FROM trials WHERE observed IS NOT NULL ORDER BY observed DESC LIMIT 1').get();
    return row === undefined ? '' : z.object({ at: z.string() }).parse(row).at;
  }

  /** Which run this is, whatever its folder is called; undefined of one that an earlier version made. */
  id(): string | undefined {
    return this.get('id');
  }

  /** How many trials are finished. They are observed one by one. */
  finishedCount(): number {
    return countRow.parse(this.#db.prepare('SELECT coalesce(max(observed), 0) AS n FROM trials').get()).n;
  }

  bestReward(): number | null {
    const row = this.#db.prepare("SELECT max(reward) AS best FROM trials WHERE state = 'done'").get();
    return z.object({ best: z.number().nullable() }).parse(row).best;
  }

  /** The best of those that could be trained. @param own of those whose weights are this run's only */
  bestIndex(own = false): { readonly index: number; readonly reward: number } | undefined {
    const row = this.#db
      .prepare(
        `SELECT idx AS "index", reward FROM trials WHERE state = 'done' AND reward IS NOT NULL
        AND CASE WHEN json_valid(record) THEN record ->> '$.error' IS NULL ${own ? "AND record ->> '$.reusedFrom' IS NULL" : ''} ELSE 0 END
        ORDER BY reward DESC, observed LIMIT 1`,
      )
      .get();
    return row === undefined ? undefined : z.object({ index: z.number(), reward: z.number() }).parse(row);
  }

  /** Rewards of those that finished as these; a failed one may have none. */
  rewardsAt(observed: readonly number[]): number[] {
    const rows = this.#db
      .prepare(
        'SELECT coalesce(reward, 0) AS reward FROM json_each(?) AS wanted CROSS JOIN trials ON observed = wanted.value ORDER BY wanted.key',
      )
      .all(JSON.stringify(observed));
    return rows.map((row) => rewardRow.parse(row).reward);
  }

  /**
   * Finished trials behind `observed`, in that order, at most so many: to be read bit by bit. SQLite reads the records, and
   * what comes is looked at by hand: a schema for a hundred thousand rows takes seconds.
   */
  figuresSince(observed: number, most: number, metric = ''): TrialFigures[] {
    const place = `$.metrics."${metric}"`;
    const read = (record: string) => this.#statement(figuresQuery(record)).raw().all(place, observed, most).map(figuresOf);
    try {
      return read('record');
    } catch (error) {
      if (!/malformed JSON/.test(reasonOf(error))) throw error;
      return read(readableRecord);
    }
  }

  /** A page of the finished trials. */
  row(index: number): StoredRow | undefined {
    const row = this.#db
      .prepare("SELECT idx, observed, reward, finished, genotype, record FROM trials WHERE state = 'done' AND idx = ?")
      .get(index);
    return row === undefined ? undefined : storedRow.parse(row);
  }

  /** The last ones, in order. */
  lastEvents(most: number): SearchEvent[] {
    return this.#db
      .prepare('SELECT at, kind, trial, detail FROM events ORDER BY id DESC LIMIT ?')
      .all(most)
      .map((row) => eventRow.parse(row))
      .toReversed();
  }

  /** Architectures an hour, by the clock, over the last ones that finished; null while there are too few. */
  perHour(): number | null {
    const rows = this.#db.prepare("SELECT finished FROM trials WHERE state = 'done' ORDER BY observed DESC LIMIT 21").all();
    const times = z
      .array(z.object({ finished: z.string() }))
      .parse(rows)
      .map(({ finished }) => Date.parse(finished));
    const [last = 0, first = 0] = [times[0], times.at(-1)];
    return last > first ? ((times.length - 1) * 3_600_000) / (last - first) : null;
  }

  epochs(index: number): EpochLoss[] {
    return this.#db
      .prepare('SELECT stage, epoch, loss FROM epochs WHERE idx = ? ORDER BY stage, epoch')
      .all(index)
      .map((row) => epochRow.parse(row));
  }

  /** How often something has happened to a trial, in earlier sessions too. */
  eventCount(kind: string, trial: number): number {
    return countRow.parse(this.#db.prepare('SELECT count(*) AS n FROM events WHERE kind = ? AND trial = ?').get(kind, trial)).n;
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

/** @param record the column, or where one of them is no JSON the column as far as it is */
const figuresQuery = (record: string): string => `
SELECT idx, observed, finished, reward, genotype,
  ${['parameters', 'multiplyAdds', 'latency', 'stage', 'policy.entropy'].map((name) => `${record} ->> '$.${name}'`).join(', ')},
  ${record} IS NULL OR ${record} ->> '$.error' IS NOT NULL, ${record} ->> '$.reusedFrom' IS NOT NULL,
  ${record} ->> '$.seconds.training' + ${record} ->> '$.seconds.validation', ${record} ->> ?
FROM trials WHERE state = 'done' AND observed > ? ORDER BY observed LIMIT ?`;
const readableRecord = '(CASE WHEN json_valid(record) THEN record END)';

function figuresOf(row: unknown): TrialFigures {
  const values: readonly unknown[] = Array.isArray(row) ? row : [];
  const number = (i: number): number => {
    const value = values[i];
    return typeof value === 'number' ? value : Number.NaN;
  };
  return {
    index: number(0),
    observed: number(1),
    finished: String(values[2]),
    reward: number(3),
    genotype: String(values[4]),
    parameters: number(5),
    multiplyAdds: number(6),
    latency: number(7),
    stage: number(8),
    entropy: number(9),
    failed: values[10] === 1,
    reused: values[11] === 1,
    seconds: number(12),
    metric: number(13),
  };
}

/** The part of better-sqlite3 that is machine code is for one version of Node.js. */
function nativeProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const foreign = 'code' in error && error.code === 'ERR_DLOPEN_FAILED';
  if (!foreign && !/Could not locate the bindings file/.test(error.message)) return undefined;
  return `better-sqlite3 was not built for this Node.js (${process.version}, ${process.platform} ${process.arch}): run npm rebuild better-sqlite3 where auxcell is installed (${reasonOf(error)})`;
}
