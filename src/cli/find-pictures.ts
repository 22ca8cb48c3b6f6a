// The pictures that `predict` is given: files, folders and patterns; and what of it is none.

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { UserError } from '../core/errors/index.js';
import { heicRemedy, isHeic } from '../library/heic.js';
import type { NamedPicture } from '../library/predict-pictures.js';

export interface FoundPictures {
  readonly pictures: readonly NamedPicture[];
  /** What was left out, for people; empty where nothing was. */
  readonly skipped: string;
}

const read = new Set(['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.gif', '.avif']);
/** What labelling tools put beside a photograph, by its name: Roboflow writes `7_mask.png` beside `7.jpg`. */
const maskName = /[_-](masks?|labels?|labelids|gt|seg|segmentation)$/i;

export interface FindOptions {
  /** Looks into the folders below the named ones; results lie as the pictures do. */
  readonly recursive: boolean;
  /** What lies in it are results and no pictures. */
  readonly output: string;
}

/** Each once, in order. Hidden files are none. @throws UserError where nothing is there */
export async function findPictures(inputs: readonly string[], { recursive, output }: FindOptions): Promise<FoundPictures> {
  const found = new Found();
  const results = path.resolve(output);
  for (const text of inputs) {
    const before = found.count;
    const entry = await stat(text).catch(() => undefined);
    if (entry?.isFile()) found.named(text);
    else if (entry?.isDirectory()) await lookInto(text, text, { recursive, results }, found);
    else for (const match of (await glob(text, { absolute: path.isAbsolute(text) })).toSorted()) found.add(match, path.basename(match));
    if (found.count > before) continue;
    const skipped = found.skipped;
    const why = entry ? 'there is no picture in this folder' : 'no such file, folder, or match of a pattern';
    throw new UserError(`${text}: ${why}${skipped === '' ? '' : ` (${skipped})`}`);
  }
  return { pictures: found.pictures(), skipped: found.skipped };
}

/** @param root below which a picture's place is its name */
async function lookInto(root: string, folder: string, options: { recursive: boolean; results: string }, found: Found): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.') || path.resolve(file) === options.results) continue;
    const target = entry.isSymbolicLink() ? await stat(file).catch(() => undefined) : entry;
    if (target?.isFile()) found.add(file, path.relative(root, file));
    else if (!target?.isDirectory()) continue;
    // Links to folders may lead in circles.
    else if (options.recursive && entry.isDirectory()) await lookInto(root, file, options, found);
    else found.folders++;
  }
}

class Found {
  /** Names with an ending, by file. */
  readonly #files = new Map<string, string>();
  readonly #others = new Map<string, number>();
  /** Named one by one: taken whatever they are called. */
  readonly #named = new Set<string>();
  folders = 0;

  get count(): number {
    return this.#files.size;
  }

  /** By itself: tried whatever it is called. */
  named(file: string): void {
    this.#files.set(file, path.basename(file));
    this.#named.add(file);
  }

  add(file: string, name: string): void {
    const ending = path.extname(file).toLowerCase();
    if (!read.has(ending)) this.#others.set(ending, (this.#others.get(ending) ?? 0) + 1);
    else if (!this.#files.has(file)) this.#files.set(file, name);
  }

  /** Of one name from several folders, or with several endings, the later ones are numbered. */
  pictures(): NamedPicture[] {
    const used = new Set<string>();
    const masks = this.#masks();
    return [...this.#files].flatMap(([file, name]) => {
      if (masks.has(file)) return [];
      const stem = name.slice(0, name.length - path.extname(name).length);
      let free = stem;
      // Not all file systems tell capitals from small letters.
      for (let n = 2; used.has(free.toLowerCase()); n++) free = `${stem}-${n}`;
      used.add(free.toLowerCase());
      return [{ file, name: free }];
    });
  }

  /** Labels that lie beside the photograph that they are of. */
  #masks(): Set<string> {
    const stem = (file: string): string => file.slice(0, file.length - path.extname(file).length);
    const stems = new Set([...this.#files.keys()].map(stem));
    const isMask = (file: string): boolean => maskName.test(stem(file)) && stems.has(stem(file).replace(maskName, ''));
    return new Set([...this.#files.keys()].filter((file) => !this.#named.has(file) && isMask(file)));
  }

  get skipped(): string {
    const parts = [...this.#others].map(([ending, count]) => {
      const what = `${count} ${ending === '' ? 'without an ending' : ending}`;
      return isHeic(`picture${ending}`) ? `${what} (HEIC is not read: ${heicRemedy})` : what;
    });
    const masks = this.#masks().size;
    if (masks > 0) parts.push(`${masks} mask(s) beside their photographs, by their names (each is taken where it is named by itself)`);
    if (this.folders > 0) parts.push(`${this.folders} folder(s) not looked into (--recursive does)`);
    return parts.length === 0 ? '' : `skipped: ${parts.join(', ')}`;
  }
}
