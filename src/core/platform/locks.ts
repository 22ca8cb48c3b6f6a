// One process at a time works in a folder.

export interface FolderOwner {
  readonly host: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

export interface FolderLock {
  readonly owner: FolderOwner;
  /** Once more it does nothing: the lock may be somebody else's by then. */
  release(): Promise<void>;
}

export interface Locks {
  /** The lock, or who has it (undefined where that cannot be read). @throws Error when the folder cannot be written */
  lock(folder: string): Promise<{ readonly lock: FolderLock } | { readonly heldBy: FolderOwner | undefined }>;
  /** Whether somebody has the lock; undefined where there never was one, or none is left of it. */
  isLocked(folder: string): boolean | undefined;
  /** Whether there is a process of this number on this machine. */
  isRunning(pid: number): boolean;
}

/** For messages: who works on it, and what to do. */
export function whoHolds(owner: FolderOwner | undefined): string {
  if (!owner) return 'another process works on it; wait for it or stop it';
  const { host, pid, since } = owner;
  return `process ${pid} is working on it (on ${host}, since ${since}); wait for it or stop it`;
}
