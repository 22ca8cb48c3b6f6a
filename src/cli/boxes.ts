// `predict --boxes`: where people are, in a JSON file.

import path from 'node:path';
import { z } from 'zod';
import { type Box, DataError, type RgbImage } from '../core/data/index.js';
import { parseJson, reasonOf, UserError } from '../core/errors/index.js';
import { readBounded } from '../platform/node/files/index.js';

// Entries, as names of files may be names that every object has.
const schema = z.array(
  z.tuple([z.string(), z.array(z.tuple([z.number(), z.number(), z.number().positive(), z.number().positive()])).min(1)]),
);

/** A hundred thousand pictures with ten people each. */
const mostBytes = 64 * 2 ** 20;

/** @param file {"photo.jpg": [[left, top, width, height], …]} @returns an image's boxes */
export async function readBoxes(file: string): Promise<(image: string, pixels: RgbImage) => Box[]> {
  const bytes = await readBounded(file, mostBytes).catch((error: unknown) => {
    throw new UserError(`--boxes ${file}: cannot be read (${reasonOf(error)})`);
  });
  const json = parseJson(new TextDecoder().decode(bytes));
  if (json === undefined) throw new UserError(`--boxes ${file}: cannot be read as JSON`);
  const parsed = schema.safeParse(typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : json);
  if (!parsed.success)
    throw new UserError(
      `--boxes ${file}: expected {"photo.jpg": [[left, top, width, height], …]}; ${parsed.error.issues[0]?.message ?? ''}`,
    );
  const boxes = new Map(parsed.data);
  return (image, { width, height }) => {
    const own = boxes.get(image) ?? boxes.get(path.basename(image));
    if (!own) throw new DataError(`${image}: has no box in ${file}; add one, or leave --boxes out`);
    return own.map(([left, top, w, h]) => {
      if (left >= width || top >= height || left + w <= 0 || top + h <= 0)
        throw new DataError(`${image}: the box ${left}, ${top}, ${w}, ${h} in ${file} lies outside the image (${width}×${height})`);
      return { left, top, width: w, height: h };
    });
  };
}
