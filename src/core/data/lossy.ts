// Whether a picture's file was compressed with loss: then its values are not those that were saved.

import type { TiffTags } from './tiff-tags.js';

/** Lossy by their kind, whatever else they can do: nobody says of a file whether it was made without loss. */
const lossyFormats: ReadonlyMap<string, string> = new Map([
  ['jpeg', 'JPEG'],
  ['heif', 'AVIF or HEIF'],
  ['jp2', 'JPEG 2000'],
  ['jxl', 'JPEG XL'],
]);

const lossyTiffs: ReadonlyMap<number, string> = new Map([
  [6, 'JPEG'],
  [7, 'JPEG'],
  [34_712, 'JPEG 2000'],
  [50_001, 'WebP'],
]);

export interface Compressed {
  /** As the decoder calls it. */
  readonly format: string;
  /** The file's first bytes: some thousand. */
  readonly head: Uint8Array;
  /** Of a TIFF. */
  readonly tags: TiffTags | undefined;
}

/** The kind of loss, for people; undefined where there is none. */
export function lossOf({ format, head, tags }: Compressed): string | undefined {
  if (format === 'webp') return isLosslessWebp(head) ? undefined : 'lossy WebP';
  const inside = tags && lossyTiffs.get(tags.compression);
  return inside === undefined ? lossyFormats.get(format) : `TIFF with ${inside} inside`;
}

/** The first chunk is `VP8L`, or after `VP8X` and what belongs to it there is one (https://developers.google.com/speed/webp/docs/riff_container). */
function isLosslessWebp(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  const [lossless, lossy] = [text.indexOf('VP8L'), text.indexOf('VP8 ')];
  return lossless >= 12 && (lossy < 0 || lossless < lossy);
}
