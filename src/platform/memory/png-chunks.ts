// What a PNG file says of its pixels before any of them is unfolded: its header, palette, transparent colour and orientation
// (https://www.w3.org/TR/png-3/, 11.2 and 11.3).

import { orientationOf } from '../../core/data/upright-map.js';
import { joinBytes } from '../../core/platform/index.js';

const [grey, rgb, indexed, greyAlpha, rgbAlpha] = [0, 2, 3, 4, 6];

export interface PngHeader {
  /** As they are stored: turned where the orientation says so. */
  readonly width: number;
  readonly height: number;
  /** Of a channel, or of an index into the palette. */
  readonly bits: number;
  /** Of what is stored: 1 where it is an index. */
  readonly storedChannels: number;
  /** As EXIF has it. */
  readonly orientation: number;
  /** Three bytes a colour. */
  readonly palette: Uint8Array | undefined;
  /** Of a palette's colours, alpha; of grey and RGB, the one colour that is transparent, two bytes a channel. */
  readonly transparency: Uint8Array | undefined;
  /** The file with nothing but its pixels: texts and profiles may unfold to anything. */
  pixelsAlone(): Uint8Array<ArrayBuffer>;
}

export function readPngHeader(bytes: Uint8Array): PngHeader {
  if (bytes[0] !== 0x89 || bytes[1] !== 0x50) throw new Error('is no PNG, and nothing else is decoded here');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < dataBegin) throw new Error('is a PNG that is cut off');
  const [width, height, bits, kind] = [view.getUint32(16), view.getUint32(20), view.getUint8(24), view.getUint8(25)];
  if (width === 0 || height === 0) throw new Error(`is a PNG of ${width}×${height} pixels`);
  const storedChannels = new Map([
    [grey, 1],
    [rgb, 3],
    [indexed, 1],
    [greyAlpha, 2],
    [rgbAlpha, 4],
  ]).get(kind);
  if (storedChannels === undefined || ![1, 2, 4, 8, 16].includes(bits))
    throw new Error(`is a PNG of a kind that there is not: colour type ${kind} with ${bits} bits`);
  let [orientation, palette, transparency]: [number, Uint8Array | undefined, Uint8Array | undefined] = [1, undefined, undefined];
  const data: Uint8Array<ArrayBuffer>[] = [];
  for (let at = dataBegin; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    if (name === 'PLTE' && kind === indexed) palette = content;
    if (name === 'tRNS' && (kind === indexed || content.length >= 2 * storedChannels)) transparency = content;
    if (name === 'eXIf') orientation = orientationOf(content);
    if (name === 'IDAT') data.push(new Uint8Array(bytes.subarray(at, at + 12 + content.length)));
    if (name === 'IEND') break;
  }
  if (kind === indexed && !palette) throw new Error('is a PNG without the palette that its pixels are of');
  // Alpha of its own has no colour that is transparent beside it.
  if (kind === greyAlpha || kind === rgbAlpha) transparency = undefined;
  const pixelsAlone = (): Uint8Array<ArrayBuffer> => joinBytes([new Uint8Array(bytes.subarray(0, dataBegin)), ...data, end]);
  return {
    width,
    height,
    bits,
    storedChannels,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    palette,
    transparency,
    pixelsAlone,
  };
}

/** Behind the signature and the header's chunk. */
const dataBegin = 33;

const end = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82);
