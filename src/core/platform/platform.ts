// What differs between places where JavaScript runs. The method asks for it here and nowhere else; `src/platform/` has what answers:
// Node.js, a browser's page, and memory alone. Whoever starts the program says which (`choosePlatform`), once, before anything is opened.

import type { Assets } from './assets.js';
import type { Files } from './files.js';
import type { Hash } from './hash.js';
import type { Images } from './images.js';
import type { Locks } from './locks.js';
import type { Paths } from './paths.js';
import type { RowFiles } from './row-files.js';
import type { Threads } from './threads.js';

export interface Platform {
  /** For messages: `Node.js`. */
  readonly name: string;
  readonly files: Files;
  readonly rowFiles: RowFiles;
  readonly locks: Locks;
  readonly assets: Assets;
  readonly paths: Paths;
  readonly images: Images;
  readonly threads: Threads;
  /** SHA-256, fed piece by piece. */
  readonly sha256: () => Hash;
  /** The content of a zlib stream. @throws RangeError where it is more than `most` bytes */
  readonly inflate: (bytes: Uint8Array, most: number) => Promise<Uint8Array>;
  /** Bytes that can still be allocated; infinity where nobody says. */
  readonly freeMemory: () => number;
}

let current: Platform | undefined;

export function choosePlatform(chosen: Platform): void {
  current = chosen;
}

/** What is taken where nobody has chosen: a choice that was made before stays. */
export function choosePlatformByDefault(usual: Platform): void {
  current ??= usual;
}

/** @throws Error where nobody has said where this runs */
export function platform(): Platform {
  if (!current)
    throw new Error(
      'no platform: import "auxcell", which chooses Node.js, or call choosePlatform(…) of "auxcell/platform" first with nodePlatform of "auxcell/platform/node", webPlatform() of "auxcell/platform/web" or memoryPlatform() of "auxcell/platform/memory"',
    );
  return current;
}

export const files = (): Files => platform().files;
export const images = (): Images => platform().images;
export const sha256 = (): Hash => platform().sha256();
