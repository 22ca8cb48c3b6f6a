// What comes with the package on Node.js, and weights of the Hugging Face hub.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, UserError } from '../../core/errors/index.js';
import type { Assets } from '../../core/platform/index.js';

const packageFolder = path.join(import.meta.dirname, '..', '..', '..');
export const presetFolder = path.join(packageFolder, 'presets');
/** As `npm run build` left it (tools/copy-encoder.js). */
const movenet = path.join(packageFolder, 'assets', 'movenet-lightning');

export const nodeAssets: Assets = {
  presets: presetFolder,
  movenet: async () => {
    const name = `${movenet}.json`;
    try {
      return { name, manifest: await readFile(name, 'utf8'), weights: await readFile(`${movenet}.bin`) };
    } catch (error) {
      throw new UserError(`movenet: ${reasonOf(error)}; in a clone "npm run build" puts it there, else install the package again`);
    }
  },
  hub: async (name) => (await import('./hub.js')).hubWeights(name),
};
