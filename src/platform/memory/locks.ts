// Locks of folders within one program. A lock belongs to the folder itself: it goes with it when that is removed.

import type { Locks } from '../../core/platform/index.js';
import type { FolderNode, Tree } from './tree.js';

/** This program's, where there is no other. */
const own = 1;

export function memoryLocks(tree: Tree): Locks {
  const owners = new WeakMap<FolderNode, { readonly host: string; readonly pid: number; readonly since: string }>();
  return {
    lock: async (place) => {
      const folder = tree.folder(place);
      const heldBy = owners.get(folder);
      if (heldBy) return { heldBy };
      const owner = { host: 'this program', pid: own, since: new Date().toISOString() };
      owners.set(folder, owner);
      return {
        lock: {
          owner,
          // Released once more it is nobody's, or somebody else's by now.
          release: async () => {
            if (owners.get(folder) === owner) owners.delete(folder);
          },
        },
      };
    },
    isLocked: (place) => {
      const folder = tree.look(place);
      return folder?.kind === 'folder' && owners.has(folder) ? true : undefined;
    },
    isRunning: (pid) => pid === own,
  };
}
