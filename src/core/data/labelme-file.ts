// Labelme's JSON of the shapes of one picture.

import { z } from 'zod';
import { reasonOf } from '../errors/index.js';
import { DataError } from './errors.js';
import { readJson } from './lists.js';
import { decodePng } from './png.js';
import { pngMask } from './stored-mask.js';
import type { Runs, Shape, Shapes } from './shapes.js';
import type { Size } from './sizes.js';

const labelmeSchema = z.object({
  imagePath: z.string().optional(),
  imageWidth: z.number().nullish(),
  imageHeight: z.number().nullish(),
  shapes: z.array(
    z.object({
      label: z.string(),
      shape_type: z.string().nullish(),
      points: z.array(z.tuple([z.number(), z.number()])),
      /** Of the kind `mask`: a PNG in base64. */
      mask: z.string().nullish(),
    }),
  ),
});

export type LabelmeFile = z.infer<typeof labelmeSchema>;

/** Undefined where the JSON is another tool's. */
export async function parseLabelme(file: string): Promise<LabelmeFile | undefined> {
  const parsed = labelmeSchema.safeParse(await readJson(file));
  return parsed.success ? parsed.data : undefined;
}

/** Kinds without an area: they label no pixel. */
const bare = new Set(['point', 'points', 'line', 'linestrip']);

export function hasArea({ shape_type }: LabelmeFile['shapes'][number]): boolean {
  return !bare.has(shape_type ?? 'polygon');
}

/** @param names of the kinds @param size of the picture, as a viewer shows it */
export async function readLabelmeShapes(file: string, names: readonly string[], size: Size): Promise<Shapes> {
  const parsed = await parseLabelme(file);
  if (!parsed) throw new DataError(`${file}: is no file of Labelme; expected "shapes" with "label" and "points"`);
  const { imageWidth, imageHeight } = parsed;
  const shapes: Shape[] = [];
  for (const shape of parsed.shapes) {
    if (!hasArea(shape)) continue;
    const { label, shape_type, points, mask } = shape;
    const kind = names.indexOf(label);
    if (mask) shapes.push({ kind, runs: await maskRuns(mask, points, size, `${file}: "${label}"`) });
    else {
      const outline = outlineOf(shape_type ?? 'polygon', points);
      if (typeof outline === 'string') throw new DataError(`${file}: "${label}" is a ${outline}`);
      shapes.push({ kind, outlines: [outline] });
    }
  }
  return { shapes, ...(imageWidth && imageHeight && { width: imageWidth, height: imageHeight }) };
}

/**
 * A mask lies in a box of which the points are the first and the last pixel, as Labelme's shape_to_mask has it
 * (https://github.com/wkentaro/labelme, utils/shape.py). What is not 0 is the object.
 */
async function maskRuns(mask: string, [first, last]: Points, { width, height }: Size, what: string): Promise<Runs> {
  if (!first || !last) throw new DataError(`${what} is a mask without the two corners of its box; draw it again`);
  const [[x0, y0], [x1, y1]] = [first.map(Math.trunc), last.map(Math.trunc)];
  const box = { width: (x1 ?? 0) - (x0 ?? 0) + 1, height: (y1 ?? 0) - (y0 ?? 0) + 1 };
  const inside = await objectOf(mask, box, what);
  // Down the columns, first what is outside.
  const counts: number[] = [0];
  let isObject = false;
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) {
      const [u, v] = [x - (x0 ?? 0), y - (y0 ?? 0)];
      const isIn = u >= 0 && v >= 0 && u < box.width && v < box.height && inside(v * box.width + u);
      if (isIn !== isObject) counts.push(0);
      isObject = isIn;
      counts.push((counts.pop() ?? 0) + 1);
    }
  return { width, height, counts };
}

/** Whether the pixel of a number is the object's. */
async function objectOf(mask: string, box: Size, what: string): Promise<(at: number) => boolean> {
  try {
    const bytes = Uint8Array.from(atob(mask), (letter) => letter.charCodeAt(0));
    const stored = pngMask(
      what,
      await decodePng(bytes, (size) => {
        if (size.width !== box.width || size.height !== box.height)
          throw new Error(`of ${size.width}×${size.height} pixels in a box of ${box.width}×${box.height}`);
      }),
    );
    if (stored.kind === 'colours') throw new Error('in colours');
    const { data, palette } = stored;
    return (at) => (palette?.[data[at] ?? 0] ?? [data[at] ?? 0]).some((v) => v > 0);
  } catch (error) {
    throw new DataError(`${what} is a mask that cannot be read (${reasonOf(error)}); draw it again`);
  }
}

const circleCorners = 96;

type Points = readonly (readonly [number, number])[];

/** Corners of an area; a message for what is not drawn. */
function outlineOf(kind: string, points: Points): number[] | string {
  const [[ax, ay] = [0, 0], [bx, by] = [0, 0]] = points;
  switch (kind) {
    case 'polygon':
      return points.length < 3 ? 'polygon of fewer than three corners; draw it again' : points.flat();
    case 'rectangle':
      return points.length === 2 ? [ax, ay, bx, ay, bx, by, ax, by] : points.flat();
    case 'circle': {
      const radius = Math.hypot(bx - ax, by - ay);
      return Array.from({ length: circleCorners }, (_, k) => (2 * Math.PI * k) / circleCorners).flatMap((angle) => [
        ax + radius * Math.cos(angle),
        ay + radius * Math.sin(angle),
      ]);
    }
    case 'mask':
      return 'mask without its pixels; draw it again, or save the file with them';
    default:
      return `shape of the kind ${kind}, which is not drawn; use polygons, rectangles, circles or masks`;
  }
}
