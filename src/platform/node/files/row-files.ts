// Files of rows, read at once: the pages of the system's cache are shared by all processes that read them.

import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { RowFiles } from '../../../core/platform/index.js';
import { writeAll } from './write-all.js';

export const nodeRowFiles: RowFiles = {
  open: (file) => {
    const handle = openSync(file, 'r');
    return { read: (into, at) => readSync(handle, into, 0, into.length, at), close: () => closeSync(handle) };
  },
  create: async (file) => {
    const handle = await open(file, 'w');
    let end = 0;
    return {
      write: (bytes, at = end) => {
        end = Math.max(end, at + bytes.length);
        return writeAll(handle, bytes, at);
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
};
