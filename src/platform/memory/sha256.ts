// SHA-256 without a system's help.

import { sha256 as create } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Hash } from '../../core/platform/index.js';

export function sha256(): Hash {
  const hash = create.create();
  const own: Hash = {
    update: (part) => {
      hash.update(typeof part === 'string' ? new TextEncoder().encode(part) : part);
      return own;
    },
    digest: () => bytesToHex(hash.digest()),
  };
  return own;
}

export function sha256Of(bytes: Uint8Array): string {
  return sha256().update(bytes).digest();
}
