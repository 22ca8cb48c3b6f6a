// Files of the operating system.

import { createHash } from 'node:crypto';
import { constants, createReadStream, type Dirent } from 'node:fs';
import { access, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Files, FolderEntry, OpenFile } from '../../../core/platform/index.js';
import { cacheFolder, makeCacheFolder } from './cache-folder.js';
import { makeFolder } from './make-folder.js';
import { readAll } from './read-all.js';
import { readBounded, readStart } from './read-bounded.js';
import { readOwn } from './read-own.js';
import { refuseFolder } from './refuse-folder.js';
import { replaceFile } from './replace-file.js';

export const nodeFiles: Files = {
  read: async (file) => readFile(file),
  readBounded,
  readOwn,
  readStart,
  open: openFile,
  facts: async (place) => {
    const found = await stat(place).catch(() => undefined);
    if (!found) return undefined;
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return { kind, size: found.size, modified: found.mtimeMs, changed: found.ctimeMs };
  },
  realPlace: (place) => realpath(place).catch(() => undefined),
  list: async (folder) => (await readdir(folder, { withFileTypes: true })).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
  sha256: async (file) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  },
  write: (file, content) => writeFile(file, content),
  replace: replaceFile,
  // With the dot only a folder will do.
  requireWritable: (folder) => access(`${folder}${path.sep}.`, constants.W_OK),
  makeFolder,
  remove: async (place) => {
    // Below a file there is nothing to remove either.
    await rm(place, { recursive: true, force: true }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOTDIR')) throw error;
    });
  },
  rename,
  cacheFolder,
  makeCacheFolder,
};

function kindOf(entry: Dirent): FolderEntry['kind'] {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

async function openFile(file: string): Promise<OpenFile> {
  const handle = await open(file);
  try {
    const facts = await handle.stat();
    refuseFolder(facts, file);
    const { size } = facts;
    const close = (): Promise<void> => handle.close();
    return {
      size,
      read: (at, count) => readAll(handle, count, at),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
