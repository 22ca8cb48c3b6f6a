import type { EncoderWeights } from '../nn/index.js';
import { sha256 } from '../platform/index.js';

/** Of its values and conventions, wherever they came from. */
export function encoderFingerprint({ tensors, options, normalisation }: EncoderWeights): string {
  const hash = sha256().update(JSON.stringify([options, normalisation]));
  for (const [name, { data }] of [...tensors].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest();
}
