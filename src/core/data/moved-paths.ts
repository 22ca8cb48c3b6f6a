// Paths that a list wrote on another machine, or from another folder: what they end with lies in the data folder.

import type { FindingList } from './finding.js';
import type { Folder } from './folder.js';

interface Ends {
  /** Folders in which the ends of paths may begin. */
  readonly places: readonly Folder[];
  /** Whether a name alone will do: of pictures. Of a list of pictures and masks a relative path keeps its last folder. */
  readonly byName: 'always' | 'absolute';
}

/**
 * Where files are that lists say somewhere else: the longest end of a path that is there. Two that would become one file are left as
 * they are: nobody knows which is meant.
 * @param files as lists say them
 */
export async function movedFiles(files: readonly string[], { places, byName }: Ends, findings: FindingList): Promise<Map<string, string>> {
  const known = new Map<string, Promise<boolean>>();
  const begins: Begins = (place, name) => {
    const there = known.get(place.at(name)) ?? place.has(name);
    known.set(place.at(name), there);
    return there;
  };
  const sayers = new Map<string, string[]>();
  for (const said of new Set(files)) {
    const found = await endOf(said, places, byName === 'always' || isAbsolute(said) ? 1 : 2, begins);
    if (found !== undefined) sayers.set(found, [...(sayers.get(found) ?? []), said]);
  }
  const moved = new Map<string, string>();
  for (const [found, [said, ...others]] of sayers) if (said !== undefined && others.length === 0) moved.set(said, found);
  if (moved.size > 0)
    findings.add({
      grade: 'note',
      code: 'paths-of-another-place',
      cause: 'lists name files where they are not, as on another machine; they were found by the ends of their paths',
      count: moved.size,
      files: [...moved.keys()].slice(0, 3),
      remedy: 'nothing, if the files of the data folder are meant',
    });
  return moved;
}

/** Whether a folder has a part of this name: of many paths it is asked once. */
type Begins = (place: Folder, name: string) => Promise<boolean>;

async function endOf(said: string, places: readonly Folder[], fewest: number, begins: Begins): Promise<string | undefined> {
  const parts = said.split(/[\\/]/).filter((part) => part !== '' && part !== '.' && part !== '..' && !/^[a-z]:$/i.test(part));
  for (let count = parts.length; count >= fewest; count--)
    for (const place of places) {
      if (!(await begins(place, parts.at(-count) ?? ''))) continue;
      const end = parts.slice(-count);
      if (await place.has(...end)) return place.at(...end);
    }
  return undefined;
}

/** On any system. */
function isAbsolute(said: string): boolean {
  return /^([a-z]:)?[\\/]/i.test(said);
}
