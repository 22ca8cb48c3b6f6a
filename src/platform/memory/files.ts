// Files that live as long as the program: for pages, and for tests that touch no disk.

import type { Files, FolderEntry, Locks, OpenFile, RowFiles } from '../../core/platform/index.js';
import { memoryLocks } from './locks.js';
import { paths } from './paths.js';
import { memoryRows } from './rows.js';
import { sha256Of } from './sha256.js';
import { fault, type FileNode, Tree } from './tree.js';

export interface MemoryFiles extends Files {
  readonly rows: RowFiles;
  readonly locks: Locks;
}

function bytesOf(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}

function bounded({ bytes }: FileNode, most: number): Uint8Array<ArrayBuffer> {
  if (bytes.length > most) throw new Error(`it has ${bytes.length} bytes; at most ${most} are read`);
  return bytes.slice();
}

function opened(node: FileNode, file: string): OpenFile {
  let isOpen = true;
  const close = async (): Promise<void> => {
    isOpen = false;
  };
  return {
    size: node.bytes.length,
    read: async (from, count) => {
      if (!isOpen) throw fault('EBADF', file);
      return node.bytes.slice(from, from + count);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** @param given by their absolute places */
export function memoryFiles(given: Readonly<Record<string, string | Uint8Array>> = {}): MemoryFiles {
  const tree = new Tree();
  const cacheFolder = (what: string): string => `/cache/${what}`;
  for (const [file, content] of Object.entries(given)) {
    tree.makeFolder(paths.dirname(paths.resolve('/', file)));
    tree.write(file, bytesOf(content));
  }
  // Whatever throws in these rejects, as it does where there is a disk.
  return {
    read: async (file) => tree.file(file).bytes.slice(),
    readBounded: async (file, most) => bounded(tree.file(file), most),
    readOwn: async (file, most) => {
      const node = tree.look(file);
      return node?.kind === 'file' && node.bytes.length <= most ? node.bytes.slice() : undefined;
    },
    readStart: async (file, count) => tree.file(file).bytes.slice(0, count),
    open: async (file) => opened(tree.file(file), file),
    facts: async (place) => {
      const node = tree.look(place);
      if (!node) return undefined;
      const size = node.kind === 'file' ? node.bytes.length : 0;
      return { kind: node.kind, size, modified: node.changed, changed: node.changed };
    },
    realPlace: async (place) => (tree.look(place) ? paths.resolve('/', place) : undefined),
    list: async (folder) => [...tree.folder(folder).entries].map(([name, { kind }]): FolderEntry => ({ name, kind })),
    sha256: async (file) => sha256Of(tree.file(file).bytes),
    write: async (file, content) => void tree.write(file, bytesOf(content)),
    replace: async (file, content) => void tree.replace(file, bytesOf(content)),
    requireWritable: async (folder) => void tree.folder(folder),
    makeFolder: async (folder) => tree.makeFolder(folder),
    remove: async (place) => tree.remove(place),
    rename: async (from, to) => tree.rename(from, to),
    cacheFolder,
    makeCacheFolder: async (what) => {
      tree.makeFolder(cacheFolder(what));
      return cacheFolder(what);
    },
    rows: memoryRows(tree),
    locks: memoryLocks(tree),
  };
}
