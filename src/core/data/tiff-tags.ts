// What a TIFF says of its samples that libvips does not pass on: which channels there are, and what kind of number they hold.
// Alpha and infrared are both a fourth channel, and whole numbers of 32 bits would be cut off at 255 without a word.

import { files } from '../platform/index.js';

export interface TiffTags {
  readonly bits: number;
  readonly numbers: 'unsigned' | 'signed' | 'float';
  readonly channels: number;
  /** 0 and 1: grey; 2: RGB; 3: palette; 5: CMYK; 6: YCbCr; 8: Lab. */
  readonly photometric: number;
  /** 1: none; 5: LZW; 6 and 7: JPEG; 8: deflate; 34712: JPEG 2000; 50001: WebP; … */
  readonly compression: number;
  /** Whether the channels beyond the colours begin with alpha. */
  readonly hasAlpha: boolean;
}

const tag = { bitsPerSample: 258, compression: 259, photometric: 262, samplesPerPixel: 277, extraSamples: 338, sampleFormat: 339 } as const;

/** Places and lengths of a directory: with offsets of 32 bits, or of 64 in a BigTIFF (https://www.awaresystems.be/imaging/tiff/bigtiff.html). */
const layouts = {
  42: { directoryAt: 4, countBytes: 2, entryBytes: 12, valueAt: 8, isBig: false },
  43: { directoryAt: 8, countBytes: 8, entryBytes: 20, valueAt: 12, isBig: true },
} as const;

/** More tags than a file has that is not made to hold up its reader. */
const mostTags = 4096;

/**
 * Undefined where the file is no TIFF.
 * @param bytes what it would hold, where there is no such file
 */
export async function readTiffTags(file: string, bytes?: Uint8Array): Promise<TiffTags | undefined> {
  if (bytes === undefined && !/\.tiff?$/i.test(file)) return undefined;
  const handle = bytes === undefined ? await files().open(file) : undefined;
  try {
    const at = async (position: number, length: number): Promise<DataView> => {
      // Beyond the end are zeros.
      const part = new Uint8Array(length);
      part.set(
        bytes ? bytes.subarray(Math.min(position, bytes.length), position + length) : ((await handle?.read(position, length)) ?? []),
      );
      return new DataView(part.buffer);
    };
    const head = await at(0, 16);
    const order = head.getUint16(0);
    const little = order === 0x4949;
    const version = head.getUint16(2, little);
    if ((!little && order !== 0x4d4d) || (version !== 42 && version !== 43)) return undefined;
    const { directoryAt, countBytes, entryBytes, valueAt, isBig } = layouts[version];
    const offset = (from: DataView, position: number): number =>
      isBig ? Number(from.getBigUint64(position, little)) : from.getUint32(position, little);
    const directory = offset(head, directoryAt);
    const counted = await at(directory, 8);
    const count = Math.min(mostTags, isBig ? Number(counted.getBigUint64(0, little)) : counted.getUint16(0, little));
    const entries = await at(directory + countBytes, entryBytes * count);
    /** A tag's first value of 16 bits: where they fit, they stand in the entry itself. */
    const first = async (wanted: number): Promise<number | undefined> => {
      for (let i = 0; i < count; i++) {
        const entry = entryBytes * i;
        if (entries.getUint16(entry, little) !== wanted) continue;
        const isInside = offset(entries, entry + 4) <= (isBig ? 4 : 2);
        const place = entry + valueAt;
        return isInside ? entries.getUint16(place, little) : (await at(offset(entries, place), 2)).getUint16(0, little);
      }
      return undefined;
    };
    const extra = await first(tag.extraSamples);
    return {
      bits: (await first(tag.bitsPerSample)) ?? 1,
      numbers: ({ 2: 'signed', 3: 'float' } as const)[(await first(tag.sampleFormat)) ?? 1] ?? 'unsigned',
      channels: (await first(tag.samplesPerPixel)) ?? 1,
      photometric: (await first(tag.photometric)) ?? 1,
      compression: (await first(tag.compression)) ?? 1,
      hasAlpha: extra === 1 || extra === 2,
    };
  } finally {
    await handle?.close();
  }
}

/** Why a photograph's TIFF would not be read rightly; undefined where it is. */
export function tiffProblem({ bits, numbers, channels, photometric }: TiffTags): string | undefined {
  const kind =
    numbers === 'float' ? `floats of ${bits} bits` : `whole numbers of ${bits} bits${numbers === 'signed' ? ' with a sign' : ''}`;
  if (numbers === 'float' ? bits !== 32 : bits > 16 || (numbers === 'signed' && bits > 1))
    return `holds ${kind}, of which it is not clear which is white; save the image with 8 or 16 bits a channel`;
  if (photometric <= 1 && channels > 2) return `has ${channels} channels that it does not call colours; save the image as RGB`;
  return undefined;
}
