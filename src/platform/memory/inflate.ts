import { Unzlib } from 'fflate';
import { joinBytes } from '../../core/platform/index.js';

/** @throws RangeError where it is more than `most` bytes: nothing more is unfolded then */
export async function inflate(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  let isWhole = false;
  const stream = new Unzlib((part, final) => {
    total += part.length;
    isWhole ||= final;
    if (total > most) throw new RangeError(`more than ${most} bytes`);
    parts.push(new Uint8Array(part));
  });
  // In pieces: what a piece unfolds to is bounded too.
  for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.slice(at, at + piece), at + piece >= bytes.length);
  if (!isWhole) throw new Error('unexpected end of file');
  return joinBytes(parts);
}

const piece = 65_536;
