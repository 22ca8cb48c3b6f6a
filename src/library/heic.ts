// Pictures as Apple's phones keep them: many have them, and none can be read here.

import path from 'node:path';
import { DataError } from '../core/data/index.js';

const endings = new Set(['.heic', '.heif', '.hif']);

export const heicRemedy = 'convert it to JPEG, as with "heif-convert photo.heic photo.jpg"';

/** By its name. */
export function isHeic(file: string): boolean {
  return endings.has(path.extname(file).toLowerCase());
}

/** @throws DataError with the remedy */
export function refuseHeic(file: string): void {
  if (isHeic(file)) throw new DataError(`${file}: HEIC is not read; ${heicRemedy}`);
}
