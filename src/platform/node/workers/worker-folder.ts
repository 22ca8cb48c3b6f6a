// The folder in the system's temporary one in which a worker keeps what it has prepared for a search. It is locked while the worker lives,
// so the next worker knows which are of dead ones, and removes them.

import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isFolderLocked, lockFolder } from '../files/index.js';

const prefix = 'auxcell-worker-';

export interface WorkerFolder {
  readonly folder: string;
  remove(): Promise<void>;
}

/** @param parent for tests */
export async function makeWorkerFolder(parent = tmpdir()): Promise<WorkerFolder> {
  // Locked before it has the name by which others find it.
  const made = await mkdtemp(path.join(parent, 'auxcell-new-'));
  const claimed = await lockFolder(made);
  if ('heldBy' in claimed) throw new Error(`${made}: another process took it`);
  const folder = path.join(parent, `${prefix}${path.basename(made).slice('auxcell-new-'.length)}`);
  await rename(made, folder);
  return {
    folder,
    remove: async () => {
      await rm(folder, { recursive: true, force: true });
      await claimed.lock.release();
    },
  };
}

/** Removes those whose workers have died; gives their paths. Others' that cannot be touched are left. */
export async function removeDeadFolders(parent = tmpdir()): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = path.join(parent, name);
    if (!name.startsWith(prefix) || isFolderLocked(folder) !== false) continue;
    await rm(folder, { recursive: true, force: true }).then(
      () => removed.push(folder),
      () => {},
    );
  }
  return removed;
}
