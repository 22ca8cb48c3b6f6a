// What a scan finds out about one sample's files: plain data, which travels from worker threads and adds up to a card.

/** Of a photograph. */
export interface PictureFacts {
  /** As a viewer shows it: upright. */
  readonly width: number;
  readonly height: number;
  /** EXIF's; 1 is upright. */
  readonly orientation: number;
  readonly hasAlpha: boolean;
  /** Bits of a channel as stored. */
  readonly bits: number;
  /** As stored, alpha included. */
  readonly channels: number;
  /** Pages or frames, of which the first is read. */
  readonly pages: number;
  /** Of the pixels as they are read: equal pictures have equal ones, whatever their files. */
  readonly content: string;
  readonly isOneColour: boolean;
}

/** Of a mask: which labels are on how many pixels. */
export interface LabelFacts {
  readonly kind: 'labels';
  readonly width: number;
  readonly height: number;
  /** Stored turned, as its EXIF says. */
  readonly turned?: boolean;
  readonly counts: readonly (readonly [label: number, pixels: number])[];
  /** The colours that a palette gives the values in use, where it is the values that say the labels. */
  readonly palette?: readonly (readonly [value: number, colour: string])[] | undefined;
  /** Every label has one colour in the picture: as what is seen is its own truth, figures would be perfect and say nothing. */
  readonly isPicture?: boolean | undefined;
  /** Values and colours that stand for no label, as people write them. */
  readonly strange: readonly (readonly [value: string, pixels: number])[];
}

/** Of a depth map; what is not measured is in none of the counts but `pixels`. */
export interface DepthFacts {
  readonly kind: 'depth';
  readonly width: number;
  readonly height: number;
  readonly pixels: number;
  readonly measured: number;
  /** Stored as whole numbers, whose unit is another question. */
  readonly isWhole: boolean;
  /** Of the measured pixels, those with a value that programs write for "not measured" or "infinitely far" (`data/depth-holes.ts`). */
  readonly farthest: number;
  /** Pixels below 0, which are not measured. */
  readonly negative: number;
  /** Pixels by distance: bin k holds metres from `depthBin(k)` to `depthBin(k + 1)`. */
  readonly bins: readonly number[];
}

export interface FileFault {
  readonly file: string;
  readonly reason: string;
}

export interface SampleFacts {
  readonly picture?: PictureFacts | undefined;
  readonly truth?: LabelFacts | DepthFacts | undefined;
  /** Files that could not be read, and why. */
  readonly faults: readonly FileFault[];
}

/** Distances are counted on a logarithmic scale, forty bins to the factor of ten, from a millimetre to a thousand kilometres. */
const binsPerDecade = 40;
const nearestBin = 1e-3;
export const depthBins = 9 * binsPerDecade;

/** Lower edge of a bin, in metres. */
export function depthBin(bin: number): number {
  return nearestBin * 10 ** (bin / binsPerDecade);
}

export function binOf(metres: number): number {
  return Math.max(0, Math.min(depthBins - 1, Math.floor(binsPerDecade * Math.log10(metres / nearestBin))));
}
