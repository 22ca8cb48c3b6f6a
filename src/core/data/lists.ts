// Lists of files, and other text, as any system saves it.

import { reasonOf } from '../errors/index.js';
import { files, path } from '../platform/index.js';
import { DataError } from './errors.js';

export async function exists(file: string): Promise<boolean> {
  return (await files().facts(file)) !== undefined;
}

/** Text in UTF-8, or in UTF-16 where a byte-order mark says so; without the mark. */
export function decodeText(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** @throws DataError naming the file */
export async function readText(file: string): Promise<string> {
  try {
    return decodeText(await files().read(file));
  } catch (error) {
    throw new DataError(`${file}: cannot be read (${reasonOf(error)})`);
  }
}

/** @throws DataError naming the file */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError(`${file}: cannot be read as JSON (${reasonOf(error)})`);
  }
}

export interface Line {
  readonly text: string;
  readonly number: number;
}

/** The lines that are not empty, with their numbers. @throws DataError when there is none */
export async function readLines(file: string): Promise<Line[]> {
  const lines = (await readText(file)).split(/\r\n|\n|\r/).map((text, i) => ({ text: text.trimEnd(), number: i + 1 }));
  const filled = lines.filter(({ text }) => text !== '');
  if (filled.length === 0) throw new DataError(`${file}: the list is empty`);
  return filled;
}

/** A path as a list says it, on this system: absolute, or from the folder; Windows' backslashes are separators. */
export function listedPath(folder: string, said: string): string {
  const plain = path.sep === '/' ? said.replaceAll('\\', '/') : said;
  return path.isAbsolute(plain) ? path.normalize(plain) : path.join(folder, plain);
}

/** Those that are not there. */
export async function missingOf(files: readonly string[]): Promise<Set<string>> {
  const missing = new Set<string>();
  const all = [...new Set(files)];
  for (let i = 0; i < all.length; i += filesAtOnce)
    await Promise.all(all.slice(i, i + filesAtOnce).map(async (file) => (await exists(file)) || missing.add(file)));
  return missing;
}

/** All files that lists name and that are not there, in one error. @throws DataError */
export async function requireFiles(files: readonly { readonly file: string; readonly where: string }[], remedy: string): Promise<void> {
  const gone = await missingOf(files.map(({ file }) => file));
  const missing = files.filter(({ file }) => gone.has(file));
  const [first] = missing;
  if (!first) return;
  const shown = [...new Set(missing.map(({ file }) => file))];
  const others =
    shown.length === 1 ? '' : ` (${shown.length} files do not: ${shown.slice(0, 3).join(', ')}${shown.length > 3 ? ', …' : ''})`;
  throw new DataError(`${first.where}: ${first.file} does not exist${others}; ${remedy}`);
}

const filesAtOnce = 256;
