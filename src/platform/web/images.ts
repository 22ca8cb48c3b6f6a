// Pictures by the browser: whatever it shows, it decodes, upright as EXIF says, to eight bits a channel. PNG is also read as it is stored.

import {
  type Canvas,
  type DecodedPixels,
  files,
  type Images,
  type PictureHeader,
  type PictureSource,
  type RgbPixels,
} from '../../core/platform/index.js';
import { pngImages } from '../memory/images.js';

async function bytesOf(source: PictureSource): Promise<Uint8Array<ArrayBuffer>> {
  return typeof source === 'string' ? files().read(source) : new Uint8Array(source);
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50;

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser gives no canvas');
  return context;
}

/** Interleaved RGBA, alpha not multiplied into the colours. */
async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<ImageData> {
  // Colours as they are stored, like the other platforms.
  const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  try {
    const context = contextOf(bitmap.width, bitmap.height);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** What a browser does not say of a picture it is taken for: eight bits a channel, no alpha where all is opaque. */
async function header(source: PictureSource): Promise<PictureHeader> {
  const bytes = await bytesOf(source);
  if (isPng(bytes)) return pngImages.header(bytes);
  const { width, height, data } = await decode(bytes);
  let hasAlpha = false;
  for (let i = 3; i < data.length && !hasAlpha; i += 4) hasAlpha = (data[i] ?? 255) < 255;
  return {
    width,
    height,
    // It is upright by now.
    orientation: 1,
    hasAlpha,
    bits: 8,
    values: 'uint8',
    channels: hasAlpha ? 4 : 3,
    isMultiband: false,
    hasPalette: false,
    pages: 1,
    format: 'picture',
  };
}

async function shown(source: PictureSource, background?: readonly [number, number, number]): Promise<DecodedPixels<Uint8Array>> {
  const bytes = await bytesOf(source);
  // A canvas loses colours under transparency; PNG's are read from the file.
  if (isPng(bytes)) return pngImages.decodeShown(bytes, background);
  const { width, height, data } = await decode(bytes);
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const share = background ? (data[4 * i + 3] ?? 255) / 255 : 1;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.round(share * (data[4 * i + c] ?? 0) + (1 - share) * (background?.[c] ?? 0));
  }
  return { width, height, channels: 3, data: rgb };
}

function toRgba({ width, height, data }: RgbPixels): ImageData {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
  return new ImageData(rgba, width, height);
}

async function compose({ width, height, pieces }: Canvas): Promise<Uint8Array> {
  const context = contextOf(width, height);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  for (const piece of pieces) {
    if ('image' in piece) context.putImageData(toRgba(piece.image), piece.left, piece.top);
    else {
      const drawing = new Image();
      drawing.src = `data:image/svg+xml,${encodeURIComponent(piece.svg)}`;
      await drawing.decode();
      context.drawImage(drawing, piece.left, piece.top);
    }
  }
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: 3 * width * height }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] ?? 0);
}

async function encode(image: RgbPixels, format: 'jpeg' | 'png', quality = 88): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'png') return pngImages.encode(image, 'png');
  const context = contextOf(image.width, image.height);
  context.putImageData(toRgba(image), 0, 0);
  const blob = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}

export const webImages: Images = { ...pngImages, header, decodeShown: shown, compose, encode };
