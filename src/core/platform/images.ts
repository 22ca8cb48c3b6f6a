// Pictures: decoding, resizing and encoding.

/** A file's name, or what the file would hold. */
export type PictureSource = string | Uint8Array;

/** What a picture's header says; no pixel is decoded for it. */
export interface PictureHeader {
  /** As a viewer shows it. */
  readonly width: number;
  readonly height: number;
  /** As EXIF has it: 1 is upright, 2 … 8 are mirrored or turned, from 5 on with width and height exchanged. */
  readonly orientation: number;
  readonly hasAlpha: boolean;
  /** Of a channel, as its file says. */
  readonly bits: number;
  /** How a channel's values are held once decoded. */
  readonly values: 'uint8' | 'uint16' | 'float' | 'other';
  /** With alpha. */
  readonly channels: number;
  /** Whether what its channels are is not known. */
  readonly isMultiband: boolean;
  readonly hasPalette: boolean;
  /** Pages or frames; the first is read. */
  readonly pages: number;
  /** `jpeg`, `png`, … */
  readonly format: string;
}

export interface RgbPixels {
  readonly width: number;
  readonly height: number;
  /** Interleaved, 0 … 255. */
  readonly data: Uint8Array;
}

/** Upright, interleaved. */
export interface DecodedPixels<T> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: T;
}

/** What lies on a canvas, with its upper left corner there. */
export type Piece = { readonly left: number; readonly top: number } & (
  | { readonly image: RgbPixels }
  | { /** Its source. */ readonly svg: string }
);

/** White where nothing lies. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pieces: readonly Piece[];
}

export interface Images {
  header(source: PictureSource): Promise<PictureHeader>;
  /** As a viewer shows it: sRGB, or grey of one channel. @param background laid under transparent parts; without it colours stay as they are */
  decodeShown(source: PictureSource, background?: readonly [number, number, number]): Promise<DecodedPixels<Uint8Array>>;
  /** Values as they are stored, of 8 or 16 bits, alpha too. @param colours what the values are taken for */
  decodeBytes(source: PictureSource): Promise<DecodedPixels<Uint8Array>>;
  decodeWords(source: PictureSource, colours: 'grey' | 'rgb'): Promise<DecodedPixels<Uint16Array>>;
  decodeFloats(source: PictureSource, colours: 'grey' | 'rgb'): Promise<DecodedPixels<Float32Array>>;
  /** Bilinear, over all of each pixel where it gets smaller. */
  resize(image: RgbPixels, width: number, height: number): Promise<Uint8Array>;
  /** Pictures and drawings side by side and one over the other, in the order given. */
  compose(canvas: Canvas): Promise<Uint8Array>;
  /** @param quality of a JPEG, 1 to 100 */
  encode(image: RgbPixels, format: 'jpeg' | 'png', quality?: number): Promise<Uint8Array<ArrayBuffer>>;
}
