// A platform that is JavaScript alone: files in memory, PNG pictures, no threads.

import type { Assets, Platform } from '../../core/platform/index.js';
import { memoryFiles } from './files.js';
import { pngImages } from './images.js';
import { inflate } from './inflate.js';
import { paths } from './paths.js';
import { sha256 } from './sha256.js';
import { inlineThreads } from './threads.js';

export interface MemoryPlatformOptions {
  /** What is there at first, by absolute places. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly assets?: Partial<Assets>;
}

const without = (what: string) => async (): Promise<never> => {
  throw new Error(`${what} is not to be had here; give weights as a file`);
};

export function memoryPlatform({ files: given, assets }: MemoryPlatformOptions = {}): Platform {
  const files = memoryFiles(given);
  return {
    name: 'memory',
    files,
    rowFiles: files.rows,
    locks: files.locks,
    assets: { presets: '/presets', movenet: without('MoveNet'), hub: without('the hub'), ...assets },
    paths,
    images: pngImages,
    threads: inlineThreads,
    sha256,
    inflate,
    freeMemory: () => Number.POSITIVE_INFINITY,
  };
}
