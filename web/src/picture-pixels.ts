// A picture file's pixels as `auxcell predict` reads them: upright, in sRGB, laid over the model's background, or without one with
// the colours that lie under transparency.

import type { Rgb } from '../../src/core/data/palette.js';

export interface Picture {
  readonly image: ImageData;
  /** What could not be read as `predict` does; for people. */
  readonly note: string;
}

/** Pictures beyond this many pixels along a side are made smaller: what browsers can draw. */
const longestSide = 4096;

/** @param background what transparent parts are laid over, where the model says it @throws where the browser cannot read it */
export async function readPicture(file: Blob, background: Rgb | undefined): Promise<Picture> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const image = pixelsOf(bitmap, bitmap.width, bitmap.height, { most: longestSide, background });
  bitmap.close();
  if (!hasTransparency(image)) return { image, note: '' };
  const straight = await straightPixels(file);
  if (straight) return { image: opaque(straight), note: '' };
  return {
    image: opaque(image),
    note: 'this browser does not give the colours under the transparent parts of this picture: they are seen as black',
  };
}

interface Drawing {
  /** Of pixels along a side; larger ones are made smaller. */
  readonly most: number;
  readonly background?: Rgb | undefined;
}

export function pixelsOf(source: CanvasImageSource, width: number, height: number, { most, background }: Drawing): ImageData {
  const factor = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * factor);
  canvas.height = Math.round(height * factor);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas');
  if (background) {
    context.fillStyle = `rgb(${background.join(' ')})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function hasTransparency({ data }: ImageData): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return true;
  return false;
}

/**
 * A canvas multiplies colours by their opacity, and forgets those that are fully transparent; a texture is read as it was
 * decoded. Undefined where there is no WebGL, or none for pictures of this size.
 */
async function straightPixels(file: Blob): Promise<ImageData | undefined> {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return undefined;
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image', premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const most = Math.min(longestSide, Number(gl.getParameter(gl.MAX_TEXTURE_SIZE)));
  if (Math.max(width, height) > most) return undefined;
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const bytes = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  const failed = gl.getError() !== gl.NO_ERROR || gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE;
  // Browsers keep a few contexts only.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  bitmap.close();
  return failed ? undefined : new ImageData(new Uint8ClampedArray(bytes.buffer), width, height);
}

function opaque({ data, width, height }: ImageData): ImageData {
  const copy = new Uint8ClampedArray(data);
  for (let i = 3; i < copy.length; i += 4) copy[i] = 255;
  return new ImageData(copy, width, height);
}
