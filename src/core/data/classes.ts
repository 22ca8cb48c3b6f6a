// Classes by name: what a preset wants, and what a folder says.

import { DataError } from './errors.js';
import type { FindingList } from './finding.js';

export interface Matching {
  /** Names by label, as they are used from here on. */
  readonly classes: readonly string[];
  /** The label of each class of the folder; undefined where they are the same. */
  readonly labels?: readonly number[];
}

interface Offer {
  /** Where the folder says its classes. */
  readonly folder: string;
  readonly said: readonly string[] | undefined;
  readonly usual: readonly string[] | undefined;
}

export interface Wanted {
  /** Names, or how many where nobody named them. */
  readonly names?: readonly string[] | undefined;
  readonly count?: number | undefined;
  readonly ignore: number;
}

/**
 * The preset's order wins. Names are the same but for upper and lower case.
 * @throws DataError where no class of the folder is the preset's
 */
export function matchClasses({ folder, said, usual }: Offer, { names, count, ignore }: Wanted, findings: FindingList): Matching {
  if (!names) {
    const own = said ?? (usual && (count === undefined || count === usual.length) ? usual : undefined);
    if (own && (count === undefined || count === own.length)) return { classes: own };
    return { classes: Array.from({ length: count ?? 0 }, (_, k) => own?.[k] ?? `class ${k}`) };
  }
  if (said) return matchSaid(folder, said, names, ignore, findings);
  // Names that the folder does not say itself count only where they are all meant.
  if (usual && names.every((name) => find(usual, name) >= 0)) return matchSaid(folder, usual, names, ignore, findings);
  return { classes: names };
}

function matchSaid(folder: string, said: readonly string[], names: readonly string[], ignore: number, findings: FindingList): Matching {
  const labels = said.map((name) => find(names, name));
  const left = said.filter((_, k) => labels[k] === -1);
  const missing = names.filter((name) => find(said, name) < 0);
  if (left.length === 0 && labels.every((label, k) => label === k)) {
    noteMissing(missing, findings);
    return { classes: names };
  }
  const agreeWhereNamed = labels.every((label, k) => label === k || label === -1);
  if (left.length > 0 && said.length === names.length && agreeWhereNamed) {
    const pairs = left.map((name) => `${name} as ${names[said.indexOf(name)]}`);
    findings.add({
      grade: 'warning',
      code: 'class-names-differ',
      cause: `the folder's classes are as many as the preset's, but some have other names and are taken in order: ${shorten(pairs)}`,
      count: left.length,
      remedy: 'give data.classes in the preset the names of the folder',
    });
    return { classes: names };
  }
  if (left.length === said.length)
    throw new DataError(
      `${folder}: its classes are ${shorten(said)} (${said.length}), those of data.classes are ${shorten(names)} (${names.length}), and no name is the same; correct data.classes in the preset`,
    );
  if (left.length > 0)
    findings.add({
      grade: 'warning',
      code: 'class-left-out',
      cause: `the preset has no class of these names, and their pixels are ignored: ${shorten(left)}`,
      count: left.length,
      remedy: 'add them to data.classes in the preset, or leave it so if that is meant',
    });
  noteMissing(missing, findings);
  return { classes: names, labels: labels.map((label) => (label === -1 ? ignore : label)) };
}

function noteMissing(missing: readonly string[], findings: FindingList): void {
  if (missing.length === 0) return;
  findings.add({
    grade: 'warning',
    code: 'class-not-in-data',
    cause: `the folder knows no class of these names, which the preset has: ${shorten(missing)}`,
    count: missing.length,
    remedy: 'correct data.classes in the preset',
  });
}

function find(names: readonly string[], name: string): number {
  const plain = (text: string): string => text.trim().toLowerCase();
  return names.findIndex((other) => plain(other) === plain(name));
}

function shorten(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
}
