// Which colour stands for which class, as a file beside the data says it: `class_dict.csv` (name,r,g,b) or CVAT's
// `labelmap.txt` (name:r,g,b:parts:actions).

import { DataError } from './errors.js';
import type { Folder } from './folder.js';
import { readLines } from './lists.js';
import type { MaskCoding } from './mask-coding.js';
import type { Rgb } from './palette.js';

export interface ColourTable {
  readonly classes?: readonly string[];
  readonly coding?: MaskCoding;
}

const readers: Readonly<Record<string, (text: string) => string[] | undefined>> = {
  'class_dict.csv': (text) => splitCsv(text),
  'label_colors.txt': (text) => {
    // CamVid's: r g b name.
    const [r, g, b, ...name] = text.trim().split(/\s+/);
    return r && g && b ? [name.join(' '), r, g, b] : undefined;
  },
  'labelmap.txt': (text) => {
    if (text.startsWith('#')) return undefined;
    const [name = '', colour = ''] = text.split(':');
    return [name, ...colour.split(',')];
  },
};

/** Empty where there is no such file. @throws DataError naming file and line */
export async function colourTable(folder: Folder): Promise<ColourTable> {
  for (const [name, read] of Object.entries(readers)) {
    if (!(await folder.has(name))) continue;
    const rows = (await readLines(folder.at(name))).flatMap(({ text, number }, i) => {
      const row = read(text);
      // A heading.
      if (row === undefined || (i === 0 && !row.slice(1, 4).every((part) => /^\s*\d+\s*$/.test(part)))) return [];
      return [readRow(row, `${folder.at(name)}:${number}`, text)];
    });
    const twice = rows.find(({ colour }, i) => rows.findIndex((other) => other.colour.join() === colour.join()) < i);
    if (twice) throw new DataError(`${folder.at(name)}: the colour ${twice.colour.join(',')} stands for two classes; give each its own`);
    if (rows.length === 0) throw new DataError(`${folder.at(name)}: names no class; expected lines of a name and its colour`);
    return {
      classes: rows.map((row) => row.name),
      coding: { kind: 'pixels', colours: rows.map(({ colour }, label) => ({ colour, label })), byColour: true },
    };
  }
  return {};
}

function readRow([name = '', ...parts]: readonly string[], where: string, text: string): { name: string; colour: Rgb } {
  const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = parts.slice(0, 3).map((part) => Number(part.trim() || 'none'));
  const isByte = (v: number): boolean => Number.isInteger(v) && v >= 0 && v <= 255;
  if (name.trim() === '' || ![r, g, b].every(isByte))
    throw new DataError(`${where}: expected a name and three numbers of 0 … 255, got "${text}"`);
  return { name: name.trim(), colour: [r, g, b] };
}

/** A line of comma-separated values; names may stand in quotes. */
export function splitCsv(text: string): string[] {
  return [...text.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'),
  );
}
