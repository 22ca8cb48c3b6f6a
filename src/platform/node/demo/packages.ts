// The packages that only the demo needs: who has images of their own does not install their 26 MB.

import { createRequire } from 'node:module';
import { z } from 'zod';
import { UserError } from '../../../core/errors/index.js';

const demoPackages = ['@lobehub/fluent-emoji-3d', 'emoji.json'] as const;
const packageSchema = z.object({ peerDependencies: z.record(z.string(), z.string()) });
const require = createRequire(import.meta.url);

/** Where a file of one of them lies. @throws UserError naming what is to be installed */
export function demoFile(name: (typeof demoPackages)[number], file: string, resolve: (id: string) => string = require.resolve): string {
  try {
    return resolve(`${name}/${file}`);
  } catch {
    const { peerDependencies } = packageSchema.parse(require('../../../../package.json'));
    const wanted = demoPackages.map((needed) => `${needed}@${peerDependencies[needed]}`).join(' ');
    throw new UserError(`the demo's scenes are made of pictures that are not installed: npm install ${wanted}`);
  }
}
