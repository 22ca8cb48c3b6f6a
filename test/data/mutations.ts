// Damaged copies of a file: cut off, or with flipped bits, most of them near the beginning, where headers are.

import type { Random } from '../../src/core/random/index.js';

export function* mutations(bytes: Uint8Array, count: number, random: Random): Generator<Uint8Array> {
  for (let k = 0; k < count; k++) {
    if (k % 3 === 0) {
      yield bytes.slice(0, Math.floor(bytes.length * random.next() ** 2));
      continue;
    }
    const damaged = bytes.slice();
    const reach = k % 3 === 1 ? Math.min(bytes.length, 4096) : bytes.length;
    for (let flip = 0; flip < 1 + (k % 5); flip++) {
      const at = random.integer(reach);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(8));
    }
    yield damaged;
  }
}
