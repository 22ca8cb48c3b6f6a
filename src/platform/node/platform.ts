// Node.js as the method sees it.

import { createHash } from 'node:crypto';
import { freemem } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { Hash, Platform } from '../../core/platform/index.js';
import { nodeAssets } from './assets.js';
import { nodeFiles } from './files/node-files.js';
import { nodeRowFiles } from './files/row-files.js';
import { nodeImages } from './images.js';
import { nodeLocks } from './locks.js';
import { nodeThreads } from './threads/node-threads.js';

const inflateBytes = promisify(inflate);

function sha256(): Hash {
  const hash = createHash('sha256');
  const own: Hash = {
    update: (part) => {
      hash.update(part);
      return own;
    },
    digest: () => hash.digest('hex'),
  };
  return own;
}

export const nodePlatform: Platform = {
  name: 'Node.js',
  files: nodeFiles,
  rowFiles: nodeRowFiles,
  locks: nodeLocks,
  assets: nodeAssets,
  paths: path,
  images: nodeImages,
  threads: nodeThreads,
  sha256,
  inflate: (bytes, most) => inflateBytes(bytes, { maxOutputLength: most }),
  // What the machine, or the container's limit, leaves. Older versions of Node.js 20 lack it.
  freeMemory: () => (typeof process.availableMemory === 'function' ? process.availableMemory() : freemem()),
};
