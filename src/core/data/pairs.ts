// Pictures and their labels in two folders, paired by name.

import { path } from '../platform/index.js';
import type { FindingList } from './finding.js';
import type { Folder } from './folder.js';

const photoEndings = /\.(jpe?g|png|webp|tiff?|bmp|gif|avif|heic|heif|jp2|ppm|pgm)$/i;
const mapEndings = /\.(png|tiff?|npy|bmp|gif|jpe?g|webp|pgm)$/i;

export function isPhoto(name: string): boolean {
  return photoEndings.test(name);
}

/** What may hold a label or a depth a pixel; some of it is refused when it is read, with the reason. */
export function isMap(name: string): boolean {
  return mapEndings.test(name);
}

export interface Pair {
  readonly image: string;
  readonly map: string;
}

/** By which a picture and its map are one: umlauts may be one character or two (NFC, NFD), as the system that packed them had it. */
function keyOf(name: string): string {
  return stemOf(name).normalize('NFC');
}

/** The same of a map. Some tools put their ending behind the picture's: `7.jpg.png`. */
function keyOfMap(name: string): string {
  const stem = keyOf(name);
  return photoEndings.test(stem) ? stemOf(stem) : stem;
}

/** The path without its ending. */
export function stemOf(name: string): string {
  const { dir, name: stem } = path.parse(name);
  return path.join(dir, stem);
}

/** What tools put around the picture's name for what belongs to it. */
const affixes =
  /^(mask|label|gt|depth|sync_depth|rgb|image|img)_(?=.)|(?<=.)[_-](mask|masks|label|labels|labelids|gt|seg|segmentation|depth|rgb|image|img|l)$/gi;

function bareStem(stem: string): string {
  const { dir, base } = path.parse(stem);
  return path.join(dir, base.replaceAll(affixes, ''));
}

export interface PairingWords {
  /** `mask`, `depth map`: what pictures are paired with. */
  readonly what: string;
  readonly findings: FindingList;
}

/** Pictures and maps of two parts of a folder, subfolders included. What has no partner is found, with a count. */
export async function pairFolders(
  folder: Folder,
  images: readonly string[],
  maps: readonly string[],
  words: PairingWords,
): Promise<Pair[]> {
  const [photos, labels] = await Promise.all([folder.filesBelow(...images), folder.filesBelow(...maps)]);
  const at = (part: readonly string[], names: readonly string[]): string[] => names.map((name) => path.join(...part, name));
  return pairFiles(folder, at(images, photos.filter(isPhoto)), at(maps, labels.filter(isMap)), words, (name) => {
    const part = images.length > 0 && name.startsWith(path.join(...images) + path.sep) ? images : maps;
    return path.relative(path.join(...part) || '.', name);
  });
}

/** @param keyed the part of a path by which it is paired, ending included */
export function pairFiles(
  folder: Folder,
  images: readonly string[],
  maps: readonly string[],
  { what, findings }: PairingWords,
  keyed: (name: string) => string = (name) => name,
): Pair[] {
  const byStem = new Map<string, string>();
  const byBareStem = new Map<string, string[]>();
  for (const map of maps) {
    const stem = keyOfMap(keyed(map));
    const other = byStem.get(stem);
    if (other !== undefined)
      findings.add({
        grade: 'warning',
        code: 'two-maps-of-one-name',
        cause: `several ${what}s have one name and differ in their ending; the last by ending is taken`,
        files: [folder.at(other), folder.at(map)],
        remedy: `leave one ${what} of each name`,
      });
    byStem.set(stem, map);
    byBareStem.set(bareStem(stem), [...(byBareStem.get(bareStem(stem)) ?? []), map]);
  }
  noteTwins(images, folder, what, findings, keyed);
  const used = new Set<string>();
  const pairs = images.flatMap((image) => {
    const stem = keyOf(keyed(image));
    const bare = byBareStem.get(bareStem(stem)) ?? [];
    const map = byStem.get(stem) ?? (bare.length === 1 ? bare[0] : undefined);
    if (map === undefined) {
      findings.add({
        grade: 'warning',
        code: 'picture-without-label',
        cause: `pictures have no ${what} of their name and are left out`,
        files: [folder.at(image)],
        remedy: `add the ${what}s, or take the pictures out`,
      });
      return [];
    }
    used.add(map);
    return [{ image: folder.at(image), map: folder.at(map) }];
  });
  for (const map of maps)
    if (!used.has(map))
      findings.add({
        grade: 'warning',
        code: 'label-without-picture',
        cause: `${what}s have no picture of their name and are left out`,
        files: [folder.at(map)],
        remedy: `add the pictures, or take the ${what}s out`,
      });
  return pairs;
}

/** Pictures that differ in their ending alone get one map between them. */
function noteTwins(images: readonly string[], folder: Folder, what: string, findings: FindingList, keyed: (name: string) => string): void {
  const first = new Map<string, string>();
  for (const image of images) {
    const stem = keyOf(keyed(image));
    const other = first.get(stem);
    if (other === undefined) first.set(stem, image);
    else
      findings.add({
        grade: 'warning',
        code: 'two-pictures-of-one-name',
        cause: `several pictures have one name and differ in their ending; all of them get the ${what} of that name`,
        files: [folder.at(other), folder.at(image)],
        remedy: `leave the picture that was labelled, or give each its own ${what}`,
      });
  }
}
