// Names of files, as this system separates their parts.

import { platform } from './platform.js';

/** As Node.js's `path` has them, https://nodejs.org/api/path.html. */
export interface Paths {
  readonly sep: string;
  join(...parts: string[]): string;
  resolve(...parts: string[]): string;
  relative(from: string, to: string): string;
  normalize(place: string): string;
  isAbsolute(place: string): boolean;
  dirname(place: string): string;
  basename(place: string, ending?: string): string;
  /** With its dot; empty where there is none. */
  extname(place: string): string;
  parse(place: string): { readonly dir: string; readonly base: string; readonly name: string; readonly ext: string };
}

/** Those of the platform in use. */
export const path: Paths = {
  get sep() {
    return platform().paths.sep;
  },
  join: (...parts) => platform().paths.join(...parts),
  resolve: (...parts) => platform().paths.resolve(...parts),
  relative: (from, to) => platform().paths.relative(from, to),
  normalize: (place) => platform().paths.normalize(place),
  isAbsolute: (place) => platform().paths.isAbsolute(place),
  dirname: (place) => platform().paths.dirname(place),
  basename: (place, ending) => platform().paths.basename(place, ending),
  extname: (place) => platform().paths.extname(place),
  parse: (place) => platform().paths.parse(place),
};
