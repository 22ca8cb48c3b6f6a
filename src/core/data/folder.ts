// A folder as layouts look at it: what is in it, without what systems leave behind, each part read once.

import { files, type FolderEntry, path } from '../platform/index.js';
import { exists } from './lists.js';

/** `.DS_Store`, `._photo.png`, `Thumbs.db`: nobody's samples. */
function isHidden(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini|__macosx)$/i.test(name);
}

/** Links are followed. */
export async function isFile(place: string): Promise<boolean> {
  return (await files().facts(place))?.kind === 'file';
}

interface Entries {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly hidden: readonly string[];
}

const nothing: Entries = { files: [], folders: [], hidden: [] };

export class Folder {
  readonly path: string;
  readonly #parts = new Map<string, Promise<Entries>>();

  constructor(folder: string) {
    this.path = folder;
  }

  at(...parts: readonly string[]): string {
    return path.join(this.path, ...parts);
  }

  has(...parts: readonly string[]): Promise<boolean> {
    return exists(this.at(...parts));
  }

  /** A folder as it is spelt, where one has this name but for upper and lower case. @param part with `/` between names */
  async spelt(part: string): Promise<string | undefined> {
    const found: string[] = [];
    for (const name of part.split('/')) {
      if (name === '.') continue;
      const there = await this.folders(...found);
      const own = there.includes(name) ? name : there.find((other) => other.toLowerCase() === name.toLowerCase());
      if (own === undefined) return undefined;
      found.push(own);
    }
    return found.length === 0 ? '.' : found.join('/');
  }

  /** Names of the files in a part of the folder, sorted; none where there is no such part. */
  async files(...parts: readonly string[]): Promise<readonly string[]> {
    return (await this.#entries(parts)).files;
  }

  async folders(...parts: readonly string[]): Promise<readonly string[]> {
    return (await this.#entries(parts)).folders;
  }

  /** The files of a part and of all parts below, as paths from that part. Links that lead back up are not followed. */
  async filesBelow(...parts: readonly string[]): Promise<string[]> {
    const above = await Promise.all([...parts, ''].map((_, k) => files().realPlace(this.at(...parts.slice(0, k)))));
    return this.#below(parts, [...above, await files().realPlace(this.at(...parts))]);
  }

  async #below(parts: readonly string[], above: readonly (string | undefined)[]): Promise<string[]> {
    const { files: own, folders } = await this.#entries(parts);
    const below = await Promise.all(
      folders.map(async (name) => {
        const real = await files().realPlace(this.at(...parts, name));
        if (above.includes(real)) return [];
        return (await this.#below([...parts, name], [...above, real])).map((file) => path.join(name, file));
      }),
    );
    return [...own, ...below.flat()];
  }

  /** Hidden files that were passed over so far. */
  async hidden(): Promise<string[]> {
    const parts = await Promise.all(
      [...this.#parts].map(async ([part, entries]) => (await entries).hidden.map((name) => path.join(part, name))),
    );
    return parts.flat();
  }

  #entries(parts: readonly string[]): Promise<Entries> {
    const part = this.at(...parts);
    const known = this.#parts.get(part) ?? readEntries(part);
    this.#parts.set(part, known);
    return known;
  }
}

async function readEntries(part: string): Promise<Entries> {
  const entries = await files()
    .list(part)
    .catch(() => undefined);
  if (!entries) return nothing;
  const shown = entries.filter(({ name }) => !isHidden(name));
  // A link may lead to a folder; one that leads nowhere is a file that will be missed.
  const links = shown.filter(({ kind }) => kind === 'link');
  const linked = await Promise.all(links.map(({ name }) => files().facts(path.join(part, name))));
  const toFolder = new Set(links.filter((_, k) => linked[k]?.kind === 'folder'));
  const isFolder = (entry: FolderEntry): boolean => entry.kind === 'folder' || toFolder.has(entry);
  return {
    files: shown
      .filter((entry) => !isFolder(entry))
      .map(({ name }) => name)
      .toSorted(),
    folders: shown
      .filter(isFolder)
      .map(({ name }) => name)
      .toSorted(),
    hidden: entries.filter((entry) => isHidden(entry.name) && entry.kind === 'file').map(({ name }) => name),
  };
}
