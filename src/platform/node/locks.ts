// Locks of folders on Node.js.

import type { Locks } from '../../core/platform/index.js';
import { isFolderLocked, lockFolder } from './files/folder-lock.js';

export const nodeLocks: Locks = { lock: lockFolder, isLocked: isFolderLocked, isRunning: (pid) => isAlive(pid) };

/**
 * Whether there is a process of this number on this machine.
 * @param probe throws, as `process.kill(pid, 0)` does, where there is none or it is another user's
 */
export function isAlive(pid: number, probe: (pid: number) => void = (id) => void process.kill(id, 0)): boolean {
  try {
    probe(pid);
    return true;
  } catch (error) {
    // There it is, and not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
