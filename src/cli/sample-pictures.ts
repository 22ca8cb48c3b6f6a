// `playground --samples`: pictures of a folder, and nothing that a link in it leads to outside.

import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../core/errors/index.js';
import type { PlaygroundSample } from '../server/index.js';

const most = 12;
const mostBytes = 32 * 2 ** 20;

/** The first twelve, by name. What cannot be shown is said on standard error and left out. @throws UserError when there is none */
export async function samplePictures(folder: string): Promise<PlaygroundSample[]> {
  const root = await realpath(folder).catch(() => {
    throw new UserError(`--samples ${folder}: there is no such folder`);
  });
  const names = await readdir(root).catch((error: unknown) => {
    throw new UserError(`--samples ${folder}: cannot be read (${reasonOf(error)})`);
  });
  const pictures = names.filter((file) => /\.(jpe?g|png|webp)$/i.test(file));
  const photographs = new Set(pictures.filter((file) => !isPng(file)).map((file) => path.parse(file).name));
  const found: PlaygroundSample[] = [];
  // Beside a photograph of the same name a PNG is its mask.
  for (const name of pictures.filter((file) => !isPng(file) || !photographs.has(path.parse(file).name)).toSorted()) {
    if (found.length === most) break;
    try {
      found.push(await readPicture(root, name));
    } catch (error) {
      console.error(`--samples ${path.join(folder, name)}: left out: ${reasonOf(error)}`);
    }
  }
  if (found.length === 0) throw new UserError(`--samples ${folder}: there is no picture in it (jpg, png, webp)`);
  return found;
}

const isPng = (file: string): boolean => /\.png$/i.test(file);

/** Opened where it really lies, and not through a link that was put there since. */
async function readPicture(root: string, name: string): Promise<PlaygroundSample> {
  const file = await realpath(path.join(root, name));
  if (!file.startsWith(root + path.sep)) throw new Error('a link that leads out of the folder; copy the picture into it');
  // A pipe would be waited for.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error('not a file');
    if (stats.size > mostBytes) throw new Error(`${stats.size} bytes; at most ${mostBytes} are shown`);
    const bytes = new Uint8Array(await handle.readFile());
    const type = pictureType(bytes);
    if (type === undefined) throw new Error('not a picture, whatever its name says');
    return { type, bytes };
  } finally {
    await handle.close();
  }
}

/** By the first bytes. */
function pictureType(bytes: Uint8Array): PlaygroundSample['type'] | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp';
  return undefined;
}
