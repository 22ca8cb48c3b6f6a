// One process at a time works in a folder. What says so is a lock of the operating system on `owner.lock`, taken and held by SQLite
// as an exclusive transaction that never writes: it is atomic, it goes with the process whatever ends it (kill -9, a
// container removed, a power cut), it holds between containers, whose process numbers mean nothing to each other, and between
// machines where the file system has locks (NFS 4, or NFS 3 with its lock daemon; not a mount with `nolock`).
//
// `owner.json` beside it says who that is, for messages only: what it says is never what decides. Whoever releases the lock removes both
// files; so whoever gets it looks whether what it has locked is still what has the name, or else begins again.

import { existsSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { parseJson } from '../../../core/errors/parse-json.js';
import type { FolderLock, FolderOwner } from '../../../core/platform/index.js';
import { sqlite } from '../sqlite.js';
import { replaceFile } from './replace-file.js';

const ownerSchema = z.object({ host: z.string(), pid: z.number(), since: z.string() });

/** How long somebody who only looks may stand in the way, in milliseconds. */
const patience = 1000;

const lockFile = (folder: string): string => path.join(folder, 'owner.lock');
const ownerFile = (folder: string): string => path.join(folder, 'owner.json');

/**
 * The lock, or who has it (undefined where that cannot be read). Within one process, too, only one has it.
 * @throws Error when the folder cannot be written
 */
export async function lockFolder(folder: string): Promise<{ readonly lock: FolderLock } | { readonly heldBy: FolderOwner | undefined }> {
  const held = exclusive(lockFile(folder));
  if (!held) return { heldBy: await folderOwner(folder) };
  const owner = { host: hostname(), pid: process.pid, since: new Date().toISOString() };
  try {
    await replaceFile(ownerFile(folder), JSON.stringify(owner));
  } catch (error) {
    held.db.close();
    throw error;
  }
  let releasing: Promise<void> | undefined;
  return {
    lock: {
      owner,
      release: () => {
        releasing ??= release(folder, held);
        return releasing;
      },
    },
  };
}

/** Where the folder was removed and made anew, what has these names is somebody else's. */
async function release(folder: string, { db, inode }: Held): Promise<void> {
  if (inodeOf(lockFile(folder)) === inode)
    for (const file of [ownerFile(folder), lockFile(folder)]) await rm(file, { force: true }).catch(() => {});
  db.close();
}

interface Held {
  readonly db: Database.Database;
  readonly inode: bigint;
}

/** How often a file may be removed while it is opened before that is an error: a disk that fails goes on failing. */
const mostRemovals = 1000;

/** The file, locked; undefined where another one has it. */
function exclusive(file: string): Held | undefined {
  for (let removals = 0; ; ) {
    const before = inodeOf(file);
    // By SQLite, never by ourselves: whoever closes a file gives up all locks of the process on it.
    const db = new (sqlite())(file, { timeout: patience });
    if (before === undefined) {
      // Made just now, by us or another.
      db.close();
      continue;
    }
    try {
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      if (isBusy(error)) return undefined;
      // Whoever had the lock removed the file while it was opened here.
      if (isRemoved(error) && ++removals < mostRemovals) continue;
      throw error;
    }
    if (inodeOf(file) === before) return { db, inode: before };
    db.close();
  }
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Whether some process has the lock; undefined where there never was one. Needs no more than to read. */
export function isFolderLocked(folder: string): boolean | undefined {
  if (!existsSync(lockFile(folder))) return undefined;
  let db: Database.Database | undefined;
  try {
    db = new (sqlite())(lockFile(folder), { readonly: true, fileMustExist: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    return isBusy(error) ? true : undefined;
  } finally {
    db?.close();
  }
}

export async function folderOwner(folder: string): Promise<FolderOwner | undefined> {
  const text = await readFile(ownerFile(folder), 'utf8').catch(() => undefined);
  const owner = ownerSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return owner.success ? owner.data : undefined;
}

function isBusy(error: unknown): boolean {
  return error instanceof sqlite().SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

function isRemoved(error: unknown): boolean {
  return error instanceof sqlite().SqliteError && /^SQLITE_(IOERR|READONLY_DBMOVED|CANTOPEN)/.test(error.code);
}
