// Masks and depth maps whose file says that a viewer turns them, as photographs' files do (EXIF's orientations 2 to 8).

import type { Size } from './sizes.js';

/** Width and height as a viewer shows them. */
export function shownSize({ width, height }: Size, orientation: number): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/**
 * Which stored pixel is seen at each place; undefined where nothing is turned.
 * (JEITA CP-3451, tag 274: at which side the stored row 0 and column 0 are seen.)
 * @param stored the size of the pixels as they lie in the file
 */
export function uprightOrder(stored: Size, orientation: number): Uint32Array | undefined {
  if (!(orientation >= 2 && orientation <= 8)) return undefined;
  const { width, height } = shownSize(stored, orientation);
  const [right, bottom] = [stored.width - 1, stored.height - 1];
  const from = (x: number, y: number): readonly [number, number] => {
    switch (orientation) {
      case 2:
        return [right - x, y];
      case 3:
        return [right - x, bottom - y];
      case 4:
        return [x, bottom - y];
      case 5:
        return [y, x];
      case 6:
        return [y, bottom - x];
      case 7:
        return [right - y, bottom - x];
      default:
        return [right - y, x];
    }
  };
  const order = new Uint32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [column, row] = from(x, y);
      order[y * width + x] = row * stored.width + column;
    }
  return order;
}

/** The orientation in a block of EXIF; 1 where it says none. */
export function orientationOf(exif: Uint8Array): number {
  // Some programs keep the six bytes that stand before it in a JPEG.
  const block = exif[0] === 0x45 && exif[1] === 0x78 ? exif.subarray(6) : exif;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (view.byteLength < 14) return 1;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) === orientationTag) return view.getUint16(at + 8, little);
  }
  return 1;
}

const orientationTag = 274;
