// What comes with the package on Node.js, and weights of the Hugging Face hub.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Assets } from '../../core/platform/index.js';

export const presetFolder = path.join(import.meta.dirname, '..', '..', '..', 'presets');

export const nodeAssets: Assets = {
  presets: presetFolder,
  movenet: async () => {
    const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '..', 'models');
    const name = path.join(folder, 'movenet-lightning.json');
    return { name, manifest: await readFile(name, 'utf8'), weights: await readFile(path.join(folder, 'movenet-lightning.bin')) };
  },
  hub: async (name) => (await import('./hub.js')).hubWeights(name),
};
