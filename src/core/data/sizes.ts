// Sizes, as headers say them, before anything is decoded.

import { DataError } from './errors.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns what is wrong with a size, if anything is. */
export type SizeCheck = (size: Size) => string | undefined;

/** The largest picture that is decoded: 600 MB as RGB. Phones take photographs of 108 million, some of 200. */
export const mostPixels = 200_000_000;

/** @throws DataError before memory is spent */
export function refuseSize(file: string, size: Size, check?: SizeCheck): void {
  const { width, height } = size;
  const wrong = check?.(size);
  if (wrong !== undefined) throw new DataError(`${file}: ${wrong}`);
  if (width * height > mostPixels)
    throw new DataError(`${file}: ${width}×${height} is more than the ${mostPixels / 1e6} million pixels that are read; make it smaller`);
}
