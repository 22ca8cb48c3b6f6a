// EXIF's orientations 5 to 8, in which a viewer shows width and height exchanged: where a stored pixel is seen.
// (JEITA CP-3451, tag 274: what is row 0 and column 0 of the stored pixels.)

import type { Size } from './listed-person.js';
import type { Box } from './person.js';

/** @param stored the picture's size as it is stored @returns where the point is seen */
export function turnPoint(orientation: number, { width, height }: Size, x: number, y: number): [number, number] {
  switch (orientation) {
    case 5:
      return [y, x];
    case 6:
      return [height - 1 - y, x];
    case 7:
      return [height - 1 - y, width - 1 - x];
    case 8:
      return [y, width - 1 - x];
    default:
      return [x, y];
  }
}

export function turnBox(orientation: number, stored: Size, { left, top, width, height }: Box): Box {
  const [x1, y1] = turnPoint(orientation, stored, left, top);
  const [x2, y2] = turnPoint(orientation, stored, left + width - 1, top + height - 1);
  return { left: Math.min(x1, x2), top: Math.min(y1, y2), width: Math.abs(x2 - x1) + 1, height: Math.abs(y2 - y1) + 1 };
}
