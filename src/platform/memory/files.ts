// Files that live as long as the program: for pages, and for tests that touch no disk.

import type { Files, FileFacts, FolderEntry, Locks, RowFiles } from '../../core/platform/index.js';
import { paths } from './paths.js';
import { sha256Of } from './sha256.js';

interface Stored {
  bytes: Uint8Array<ArrayBuffer>;
  /** Counts changes: there is no clock here that two machines would share. */
  changed: number;
}

function missing(place: string): Error {
  return Object.assign(new Error(`${place}: no such file or folder`), { code: 'ENOENT' });
}

function bytesOf(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}

export interface MemoryFiles extends Files {
  readonly rows: RowFiles;
  readonly locks: Locks;
}

/** @param given by their absolute places */
export function memoryFiles(given: Readonly<Record<string, string | Uint8Array>> = {}): MemoryFiles {
  const stored = new Map<string, Stored>();
  const folders = new Set<string>(['/']);
  const locked = new Set<string>();
  let changes = 0;
  const at = (place: string): string => paths.resolve('/', place);
  const makeFolder = (folder: string): void => {
    for (let part = at(folder); !folders.has(part); part = paths.dirname(part)) {
      if (stored.has(part)) throw new Error(`${part}: is a file, not a folder`);
      folders.add(part);
    }
  };
  const find = (file: string): Stored => {
    const found = stored.get(at(file));
    if (!found) throw folders.has(at(file)) ? new Error(`${file}: is a folder`) : missing(file);
    return found;
  };
  const put = (file: string, bytes: Uint8Array<ArrayBuffer>): Stored => {
    const place = at(file);
    if (!folders.has(paths.dirname(place))) throw missing(paths.dirname(place));
    if (folders.has(place)) throw new Error(`${file}: is a folder`);
    const entry = { bytes, changed: ++changes };
    stored.set(place, entry);
    return entry;
  };
  const facts = (place: string): FileFacts | undefined => {
    const found = stored.get(at(place));
    if (found) return { kind: 'file', size: found.bytes.length, modified: found.changed, changed: found.changed };
    return folders.has(at(place)) ? { kind: 'folder', size: 0, modified: 0, changed: 0 } : undefined;
  };
  const list = (folder: string): FolderEntry[] => {
    if (!folders.has(at(folder))) throw missing(folder);
    const inside = (place: string): boolean => place !== '/' && paths.dirname(place) === at(folder);
    const entries = (places: Iterable<string>, kind: 'file' | 'folder') =>
      [...places].filter(inside).map((place) => ({ name: paths.basename(place), kind }));
    return [...entries(folders, 'folder'), ...entries(stored.keys(), 'file')];
  };
  const remove = (place: string): void => {
    const below = (other: string): boolean => other === at(place) || other.startsWith(`${at(place)}/`);
    for (const other of [...stored.keys()].filter(below)) stored.delete(other);
    for (const other of [...folders].filter(below)) folders.delete(other);
  };
  const rename = (from: string, to: string): void => {
    if (!facts(from)) throw missing(from);
    const moved = (other: string): string => `${at(to)}${other.slice(at(from).length)}`;
    const below = (other: string): boolean => other === at(from) || other.startsWith(`${at(from)}/`);
    for (const [other, entry] of [...stored].filter(([name]) => below(name))) {
      stored.delete(other);
      stored.set(moved(other), entry);
    }
    for (const other of [...folders].filter(below)) {
      folders.delete(other);
      folders.add(moved(other));
    }
  };
  const readBounded = (file: string, most: number): Uint8Array<ArrayBuffer> => {
    const { bytes } = find(file);
    if (bytes.length > most) throw new Error(`it has ${bytes.length} bytes; at most ${most} are read`);
    return bytes.slice();
  };
  const cacheFolder = (what: string): string => `/cache/${what}`;
  for (const [file, content] of Object.entries(given)) {
    makeFolder(paths.dirname(at(file)));
    put(file, bytesOf(content));
  }
  // Whatever throws in these rejects, as it does where there is a disk.
  return {
    read: async (file) => find(file).bytes.slice(),
    readBounded: async (file, most) => readBounded(file, most),
    readOwn: async (file, most) => {
      const found = stored.get(at(file));
      return found && found.bytes.length <= most ? found.bytes.slice() : undefined;
    },
    readStart: async (file, count) => find(file).bytes.slice(0, count),
    open: async (file) => {
      const { bytes } = find(file);
      const close = async (): Promise<void> => {};
      return { size: bytes.length, read: async (from, count) => bytes.slice(from, from + count), close, [Symbol.asyncDispose]: close };
    },
    facts: async (place) => facts(place),
    realPlace: async (place) => (facts(place) ? at(place) : undefined),
    list: async (folder) => list(folder),
    sha256: async (file) => sha256Of(find(file).bytes),
    write: async (file, content) => void put(file, bytesOf(content)),
    replace: async (file, content) => void put(file, bytesOf(content)),
    requireWritable: async (folder) => {
      if (!folders.has(at(folder))) throw missing(folder);
    },
    makeFolder: async (folder) => makeFolder(folder),
    remove: async (place) => remove(place),
    rename: async (from, to) => rename(from, to),
    cacheFolder,
    makeCacheFolder: async (what) => {
      makeFolder(cacheFolder(what));
      return cacheFolder(what);
    },
    rows: {
      open: (file) => {
        const { bytes } = find(file);
        return {
          read: (into, from) => {
            const part = bytes.subarray(from, from + into.length);
            into.set(part);
            return part.length;
          },
          close: () => {},
        };
      },
      create: async (file) => {
        const entry = put(file, new Uint8Array());
        let end = 0;
        return {
          write: async (bytes, from = end) => {
            end = Math.max(end, from + bytes.length);
            if (end > entry.bytes.length) {
              const longer = new Uint8Array(end);
              longer.set(entry.bytes);
              entry.bytes = longer;
            }
            entry.bytes.set(bytes, from);
          },
          sync: async () => {},
          close: async () => {},
        };
      },
    },
    locks: {
      lock: async (folder) => {
        if (!folders.has(at(folder))) throw missing(folder);
        if (locked.has(at(folder))) return { heldBy: undefined };
        locked.add(at(folder));
        const owner = { host: 'this program', pid: 0, since: '' };
        return { lock: { owner, release: async () => void locked.delete(at(folder)) } };
      },
      isLocked: (folder) => locked.has(at(folder)),
      isRunning: () => false,
    },
  };
}
