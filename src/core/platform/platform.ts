// All that the core may ask of where it runs. `platform/memory`, `platform/node` and `platform/web` each give it.

import type { Files } from './files.js';
import type { Images } from './images.js';
import type { Threads } from './threads.js';

export interface Platform {
  /** For people: `Node.js`, `browser`. */
  readonly name: string;
  /** Threads that may work at once. */
  readonly cores: number;
  readonly files: Files;
  readonly images: Images;
  readonly threads: Threads;
}
