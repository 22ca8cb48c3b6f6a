// Folders and files in memory, with the rules and codes of rename(2), open(2) and rmdir(2): who has a file keeps it, whatever its name
// leads to later.

import { paths } from './paths.js';

export interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  changed: number;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly entries: Map<string, Node>;
  changed: number;
}

export type Node = FileNode | FolderNode;

const words = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'is a folder, where a file is wanted',
  EEXIST: 'something of that name is there already',
  ENOTEMPTY: 'the folder is not empty',
  EINVAL: 'a folder cannot be moved into itself, nor the root at all',
  EBADF: 'is closed',
} as const;

/** With the code that an operating system gives. */
export function fault(code: keyof typeof words, place: string): Error {
  return Object.assign(new Error(`${place}: ${words[code]}`), { code });
}

export class Tree {
  #last = 0;
  readonly #root: FolderNode = this.#folder();

  /** The clock's time, and later than any before: two changes in one tick are told apart. */
  now(): number {
    this.#last = Math.max(Date.now(), this.#last + 0.001);
    return this.#last;
  }

  #folder(): FolderNode {
    return { kind: 'folder', entries: new Map(), changed: this.now() };
  }

  /** @throws Error with ENOENT or ENOTDIR */
  find(place: string): Node {
    if (place === '') throw fault('ENOENT', place);
    let node: Node = this.#root;
    for (const part of partsOf(place)) {
      if (node.kind === 'file') throw fault('ENOTDIR', place);
      const next: Node | undefined = node.entries.get(part);
      if (!next) throw fault('ENOENT', place);
      node = next;
    }
    return node;
  }

  file(place: string): FileNode {
    const node = this.find(place);
    if (node.kind === 'folder') throw fault('EISDIR', place);
    return node;
  }

  folder(place: string): FolderNode {
    const node = this.find(place);
    if (node.kind === 'file') throw fault('ENOTDIR', place);
    return node;
  }

  /** Undefined where there is nothing. */
  look(place: string): Node | undefined {
    try {
      return this.find(place);
    } catch {
      return undefined;
    }
  }

  #put(place: string, node: Node): void {
    const above = this.folder(paths.dirname(absolute(place)));
    above.entries.set(paths.basename(absolute(place)), node);
    above.changed = this.now();
  }

  #take(place: string): void {
    const above = this.folder(paths.dirname(absolute(place)));
    above.entries.delete(paths.basename(absolute(place)));
    above.changed = this.now();
  }

  /** What is there gets other content, for those too who have it open. */
  write(place: string, bytes: Uint8Array<ArrayBuffer>): FileNode {
    const old = this.look(place);
    if (!old) return this.replace(place, bytes);
    const node = this.file(place);
    node.bytes = bytes;
    node.changed = this.now();
    return node;
  }

  /** A new file of that name: whoever has the old one open keeps it. */
  replace(place: string, bytes: Uint8Array<ArrayBuffer>): FileNode {
    if (place === '') throw fault('ENOENT', place);
    if (this.look(place)?.kind === 'folder') throw fault('EISDIR', place);
    const node: FileNode = { kind: 'file', bytes, changed: this.now() };
    this.#put(place, node);
    return node;
  }

  makeFolder(place: string): void {
    const parts = partsOf(place);
    let above = this.#root;
    for (const [i, part] of parts.entries()) {
      const next = above.entries.get(part);
      if (next?.kind === 'file') throw fault(i === parts.length - 1 ? 'EEXIST' : 'ENOTDIR', place);
      if (next) above = next;
      else {
        const made = this.#folder();
        above.entries.set(part, made);
        above.changed = this.now();
        above = made;
      }
    }
  }

  remove(place: string): void {
    const node = this.look(place);
    if (node === this.#root) throw fault('EINVAL', place);
    if (node) this.#take(place);
  }

  rename(from: string, to: string): void {
    const node = this.find(from);
    this.folder(paths.dirname(absolute(to)));
    const old = this.look(to);
    if (old === node) return;
    const [source, target] = [partsOf(from), partsOf(to)];
    if (node === this.#root || (target.length > source.length && source.every((part, i) => part === target[i])))
      throw fault('EINVAL', from);
    if (old?.kind === 'folder') {
      if (node.kind === 'file') throw fault('EISDIR', to);
      if (old.entries.size > 0) throw fault('ENOTEMPTY', to);
    } else if (old && node.kind === 'folder') throw fault('ENOTDIR', to);
    this.#take(from);
    this.#put(to, node);
  }
}

const absolute = (place: string): string => paths.resolve('/', place);

const partsOf = (place: string): string[] => absolute(place).split('/').filter(Boolean);
