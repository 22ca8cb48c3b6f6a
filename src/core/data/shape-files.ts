// Files that say the shapes of one picture: a line a shape, as YOLO has it, or Labelme's JSON.

import { z } from 'zod';
import { DataError } from './errors.js';
import { readJson, readText } from './lists.js';
import type { Shape, Shapes } from './shapes.js';
import type { Size } from './sizes.js';

/** Lines of class number and x, y of each corner in shares of the picture. No line, or no file, is a picture of background. */
export async function readYoloShapes(file: string, { width, height }: Size): Promise<Shapes> {
  const shapes = (await readText(file)).split(/\r\n|\n|\r/).flatMap((text, i): Shape[] => {
    if (text.trim() === '') return [];
    const numbers = text.trim().split(/\s+/).map(Number);
    const [kind = -1, ...shares] = numbers;
    const fail = (fact: string, remedy: string): DataError => new DataError(`${file}:${i + 1}: ${fact}; ${remedy}`);
    if (!(Number.isInteger(kind) && kind >= 0) || numbers.some((v) => !Number.isFinite(v)))
      throw fail(`expected a class number and corners, got "${text.slice(0, 60)}"`, 'export the labels again');
    if (shares.length === 4) throw fail('is a box, not an outline', 'export outlines ("YOLO segmentation"); boxes say nothing of pixels');
    if (shares.length < 6 || shares.length % 2 !== 0)
      throw fail(`has ${shares.length} numbers for corners`, 'expected x, y of three corners or more');
    const outside = shares.find((v) => v < -0.01 || v > 1.01);
    if (outside !== undefined) throw fail(`a corner at ${outside}`, 'corners are shares of the picture, 0 … 1');
    return [{ kind, outlines: [shares.map((v, k) => v * (k % 2 === 0 ? width : height))] }];
  });
  return { shapes };
}

const labelmeSchema = z.object({
  imagePath: z.string().optional(),
  imageWidth: z.number().nullish(),
  imageHeight: z.number().nullish(),
  shapes: z.array(
    z.object({
      label: z.string(),
      shape_type: z.string().nullish(),
      points: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});

export type LabelmeFile = z.infer<typeof labelmeSchema>;

/** Undefined where the JSON is another tool's. */
export async function parseLabelme(file: string): Promise<LabelmeFile | undefined> {
  const parsed = labelmeSchema.safeParse(await readJson(file));
  return parsed.success ? parsed.data : undefined;
}

/** @param names of the kinds */
export async function readLabelmeShapes(file: string, names: readonly string[]): Promise<Shapes> {
  const parsed = await parseLabelme(file);
  if (!parsed) throw new DataError(`${file}: is no file of Labelme; expected "shapes" with "label" and "points"`);
  const { imageWidth, imageHeight } = parsed;
  const shapes = parsed.shapes.flatMap(({ label, shape_type, points }): Shape[] => {
    const outline = outlineOf(shape_type ?? 'polygon', points);
    if (outline === undefined) return [];
    if (typeof outline === 'string') throw new DataError(`${file}: "${label}" is a ${outline}`);
    return [{ kind: names.indexOf(label), outlines: [outline] }];
  });
  return { shapes, ...(imageWidth && imageHeight && { width: imageWidth, height: imageHeight }) };
}

const circleCorners = 96;

type Points = readonly (readonly [number, number])[];

/** Corners of an area; undefined for what has none (points, lines); a message for what is not drawn. */
function outlineOf(kind: string, points: Points): number[] | string | undefined {
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
    case 'point':
    case 'points':
    case 'line':
    case 'linestrip':
      return undefined;
    default:
      return `shape of the kind ${kind}, which is not drawn; use polygons, rectangles or circles`;
  }
}
