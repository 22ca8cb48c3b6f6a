// What the core asks of a decoder of pictures. Resizing is the core's own: one bilinear resize, so that samples are equal everywhere.

/** Interleaved RGB, 0 … 255. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Pixels as a file has them, upright as EXIF says. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** Interleaved: 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha). */
  readonly channels: number;
  readonly hasAlpha: boolean;
  /** 0 … 255, 0 … 65 535, or floats. */
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** What a picture's header says; no pixel is decoded for it. */
export interface ImageFacts {
  /** As a viewer shows it. */
  readonly width: number;
  readonly height: number;
  /** As EXIF has it: 1 is upright, 2 … 8 are mirrored or turned. */
  readonly orientation: number;
  /** Whether width and height are stored the other way round. */
  readonly turned: boolean;
  readonly hasAlpha: boolean;
  /** Of a channel. */
  readonly bits: number;
  readonly isFloat: boolean;
  /** With alpha. */
  readonly channels: number;
  /** Pages or frames; the first is read. */
  readonly pages: number;
  /** `jpeg`, `png`, … */
  readonly format: string;
  /** Whether channels are none of grey or RGB with or without alpha. */
  readonly multiband: boolean;
}

export interface Images {
  /** @throws Error whose message is the decoder's reason */
  describe(bytes: Uint8Array): Promise<ImageFacts>;
  /** @throws Error whose message is the decoder's reason */
  decode(bytes: Uint8Array): Promise<DecodedImage>;
  encode(image: RgbImage, type: 'image/jpeg' | 'image/png'): Promise<Uint8Array>;
  /** SVG drawn over a picture of the same size. */
  draw(svg: string, under: RgbImage): Promise<RgbImage>;
}
