// The labels of a sample before they are checked against classes: for those who train, and for those who only look.

import type { MaskLabelling, MaskSample } from './dataset.js';
import { drawShapes } from './draw-shapes.js';
import { DataError } from './errors.js';
import { describeImage } from './image.js';
import { type MaskCoding, noLabel } from './mask-coding.js';
import { readLabelmeShapes } from './labelme-file.js';
import type { Shapes } from './shapes.js';
import type { Size, SizeCheck } from './sizes.js';
import { readStoredMask, type StoredMask } from './stored-mask.js';
import { readYoloShapes } from './yolo-file.js';

type SegmentCoding = Extract<MaskCoding, { readonly kind: 'segments' }>;

/** A value or colour that stands for no class. */
export interface Strange {
  /** `7`, or `220,20,60`. */
  readonly value: string;
  readonly isColour: boolean;
  /** Pixels that have it, and the first of them. */
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

export interface RawLabels extends Size {
  /** `noLabel` where the value stands for no class. */
  readonly data: Uint8Array | Uint16Array;
  readonly strange: readonly Strange[];
  /** The colours that a palette gives the values in use, where it is the values that say the labels. */
  readonly palette?: readonly (readonly [value: number, colour: string])[] | undefined;
  /** The file says that viewers turn it, and so it was. */
  readonly turned?: boolean;
}

/**
 * @param size of the upright photograph, which shapes are drawn at; without it, the header is asked
 * @param check may refuse the mask's size before it is decoded
 * @throws DataError naming the file
 */
export async function readRawLabels(sample: MaskSample, labelling: MaskLabelling, shown?: Size, check?: SizeCheck): Promise<RawLabels> {
  const { coding } = labelling;
  if (coding?.kind === 'shapes') {
    const { form, background, labels, names = [] } = coding;
    const size = shown ?? (await describeImage(sample.image));
    const shapes =
      sample.shapes ?? (await (form === 'yolo' ? readYoloShapes(sample.mask, size) : readLabelmeShapes(sample.mask, names, size)));
    return drawn(sample, shapes, size, check, (kind) => labels[kind] ?? noLabel, background, labelling.ignore);
  }
  const stored = await readStoredMask(sample.mask, check);
  const labels = coding?.kind === 'segments' ? decodeSegments(stored, sample, coding) : decodeLabels(stored, labelling);
  return { ...labels, turned: stored.turned ?? false };
}

function drawn(
  { mask, image }: MaskSample,
  { width = 0, height = 0, shapes }: Shapes,
  size: Size,
  check: SizeCheck | undefined,
  labelOf: (kind: number) => number,
  background: number,
  ignore: number,
): RawLabels {
  const wrong = width > 0 ? check?.({ width, height }) : undefined;
  if (wrong !== undefined) throw new DataError(`${mask}: ${wrong}`);
  const unknown = shapes.find(({ kind, crowd }) => !crowd && labelOf(kind) === noLabel);
  if (unknown)
    throw new DataError(`${mask}: a shape of ${image} is of class ${unknown.kind}, which the list of names has not; correct one of them`);
  try {
    return { width: size.width, height: size.height, data: drawShapes(shapes, size, background, ignore, labelOf), strange: [] };
  } catch (error) {
    if (error instanceof RangeError)
      throw new DataError(`${mask}: the labels of ${image} have ${error.message}; correct or remove the shape`);
    throw error;
  }
}

function decodeSegments(stored: StoredMask, { segments = [] }: MaskSample, { none, labels }: SegmentCoding): RawLabels {
  const kinds = new Map(segments);
  const labelOf = (id: number): number => {
    const kind = kinds.get(id);
    return kind === undefined ? (id === 0 ? none : noLabel) : (labels[kind] ?? noLabel);
  };
  const { data } = stored;
  if (stored.kind === 'colours') {
    const id = (i: number): number => (data[3 * i] ?? 0) + 256 * (data[3 * i + 1] ?? 0) + 65_536 * (data[3 * i + 2] ?? 0);
    return translate(stored, id, labelOf, false);
  }
  // Three equal channels came as one.
  return translate(stored, (i) => 0x01_01_01 * (data[i] ?? 0), labelOf, false);
}

function decodeLabels(stored: StoredMask, { coding, classes, ignore }: MaskLabelling): RawLabels {
  if (stored.kind === 'colours') {
    const colours = coding?.kind === 'pixels' ? (coding.colours ?? []) : [];
    const byColour = new Map(colours.map(({ colour: [r, g, b], label }) => [(r << 16) | (g << 8) | b, label]));
    const pixel = (i: number): number =>
      ((stored.data[3 * i] ?? 0) << 16) | ((stored.data[3 * i + 1] ?? 0) << 8) | (stored.data[3 * i + 2] ?? 0);
    return translate(stored, pixel, (value) => byColour.get(value) ?? noLabel, true);
  }
  const { data } = stored;
  const palette = coloursInUse(stored);
  if (!coding) return { width: stored.width, height: stored.height, data, strange: [], palette };
  const pixel = (i: number): number => data[i] ?? 0;
  if (coding.kind === 'binary')
    return translate(stored, pixel, (value) => (value === 0 ? coding.labels[0] : value === 255 ? coding.labels[1] : noLabel), false);
  if (coding.kind !== 'pixels') throw new RangeError(`${coding.kind} are not labels of pixels`);
  const { values, colours = [], byColour } = coding;
  if (byColour) {
    const shown = (value: number): number | undefined => {
      const [r, g, b] = stored.palette?.[value] ?? [value, value, value];
      return colours.find(({ colour }) => colour[0] === r && colour[1] === g && colour[2] === b)?.label;
    };
    const used = [...new Set(data)];
    if (used.every((value) => shown(value) !== undefined)) return translate(stored, pixel, (value) => shown(value) ?? noLabel, false);
  }
  if (!values) return { width: stored.width, height: stored.height, data, strange: [], palette };
  const limit = Math.max(values.length, classes.length);
  const labelOf = (value: number): number => (value < limit ? (values[value] ?? noLabel) : value === ignore ? ignore : noLabel);
  return { ...translate(stored, pixel, labelOf, false), palette };
}

function coloursInUse({ palette, data }: Extract<StoredMask, { kind: 'values' }>): RawLabels['palette'] {
  return palette && [...new Set(data)].map((value) => [value, (palette[value] ?? []).join()] as const);
}

/** Each different value is looked up once. */
function translate(
  { width, height }: Size,
  pixel: (i: number) => number,
  labelOf: (value: number) => number,
  isColour: boolean,
): RawLabels {
  const data = new Uint16Array(width * height);
  const known = new Map<number, number>();
  const strange = new Map<number, { count: number; first: number }>();
  let [lastValue, lastLabel] = [-1, noLabel];
  for (let i = 0; i < data.length; i++) {
    const value = pixel(i);
    if (value !== lastValue) {
      let label = known.get(value);
      if (label === undefined) {
        label = labelOf(value);
        known.set(value, label);
      }
      [lastValue, lastLabel] = [value, label];
    }
    data[i] = lastLabel;
    if (lastLabel === noLabel) {
      const seen = strange.get(value);
      if (seen) seen.count++;
      else if (strange.size < mostStrange) strange.set(value, { count: 1, first: i });
    }
  }
  return {
    width,
    height,
    data,
    strange: [...strange].map(([value, { count, first }]) => ({
      value: isColour ? `${value >> 16},${(value >> 8) & 255},${value & 255}` : String(value),
      isColour,
      count,
      x: first % width,
      y: Math.floor(first / width),
    })),
  };
}

/** A photograph in place of a mask has as many colours as pixels. */
const mostStrange = 256;
