// Files of rows in memory.

import type { RowFiles } from '../../core/platform/index.js';
import { fault, type Tree } from './tree.js';

export function memoryRows(tree: Tree): RowFiles {
  return {
    open: (file) => {
      const node = tree.file(file);
      return {
        read: (into, from) => {
          const part = node.bytes.subarray(from, from + into.length);
          into.set(part);
          return part.length;
        },
        close: () => {},
      };
    },
    create: async (file) => {
      const node = tree.write(file, new Uint8Array());
      let end = 0;
      let isOpen = true;
      return {
        write: async (bytes, from = end) => {
          if (!isOpen) throw fault('EBADF', file);
          end = Math.max(end, from + bytes.length);
          if (end > node.bytes.length) {
            const longer = new Uint8Array(end);
            longer.set(node.bytes);
            node.bytes = longer;
          }
          node.bytes.set(bytes, from);
          node.changed = tree.now();
        },
        sync: async () => {},
        close: async () => {
          isOpen = false;
        },
      };
    },
  };
}
