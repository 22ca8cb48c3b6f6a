// `predict --boxes`: where people are, in a JSON file.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Box, DataError, type RgbImage } from '../data/index.js';
import { reasonOf, UserError } from '../errors/index.js';

const schema = z.record(z.string(), z.array(z.tuple([z.number(), z.number(), z.number().positive(), z.number().positive()])).min(1));

/** @param file {"photo.jpg": [[left, top, width, height], …]} @returns an image's boxes */
export async function readBoxes(file: string): Promise<(image: string, pixels: RgbImage) => Box[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError(`--boxes ${file}: cannot be read as JSON (${reasonOf(error)})`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new UserError(
      `--boxes ${file}: expected {"photo.jpg": [[left, top, width, height], …]}; ${parsed.error.issues[0]?.message ?? ''}`,
    );
  const boxes = parsed.data;
  return (image, { width, height }) => {
    const own = boxes[image] ?? boxes[path.basename(image)];
    if (!own) throw new DataError(`${image}: has no box in ${file}; add one, or leave --boxes out`);
    return own.map(([left, top, w, h]) => {
      if (left >= width || top >= height || left + w <= 0 || top + h <= 0)
        throw new DataError(`${image}: the box ${left}, ${top}, ${w}, ${h} in ${file} lies outside the image (${width}×${height})`);
      return { left, top, width: w, height: h };
    });
  };
}
