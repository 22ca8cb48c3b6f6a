// YOLO's file of the shapes of one picture: a line a shape.

import { DataError } from './errors.js';
import { readText } from './lists.js';
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
