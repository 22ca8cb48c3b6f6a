// What a TIFF says of its fourth channel (tag 338, ExtraSamples): alpha, or something else such as infrared, which other
// programs' libraries do not tell apart.

import { open } from 'node:fs/promises';

const extraSamples = 338;

/** Undefined where the file is no TIFF; false where its further channels are not alpha. */
export async function hasTiffAlpha(file: string): Promise<boolean | undefined> {
  if (!/\.tiff?$/i.test(file)) return undefined;
  const handle = await open(file);
  try {
    const at = async (position: number, length: number): Promise<DataView> => {
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
      return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    };
    const head = await at(0, 8);
    const order = head.getUint16(0);
    const little = order === 0x4949;
    if ((!little && order !== 0x4d4d) || head.getUint16(2, little) !== 42) return undefined;
    const directory = head.getUint32(4, little);
    const count = (await at(directory, 2)).getUint16(0, little);
    const entries = await at(directory + 2, 12 * count);
    for (let i = 0; i < count; i++) {
      if (entries.getUint16(12 * i, little) !== extraSamples) continue;
      // One value stands in the entry itself; of several, the first is the fourth channel's.
      const values = entries.getUint32(12 * i + 4, little);
      const first =
        values <= 2 ? entries.getUint16(12 * i + 8, little) : (await at(entries.getUint32(12 * i + 8, little), 2)).getUint16(0, little);
      return first === 1 || first === 2;
    }
    return false;
  } finally {
    await handle.close();
  }
}
