import { Unzlib } from 'fflate';

/** @throws RangeError where it is more than `most` bytes: nothing more is unfolded then */
export async function inflate(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  let isWhole = false;
  const stream = new Unzlib((part, final) => {
    total += part.length;
    isWhole ||= final;
    if (total > most) throw new RangeError(`more than ${most} bytes`);
    parts.push(part);
  });
  // In pieces: what a piece unfolds to is bounded too.
  for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.slice(at, at + piece), at + piece >= bytes.length);
  if (!isWhole) throw new Error('unexpected end of file');
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const piece = 65_536;
