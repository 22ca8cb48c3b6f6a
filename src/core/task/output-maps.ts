// What a network gave of an image, read at any size: bilinearly with half-pixel centres, like `resizeBilinear`, but a row at
// a time, so that a photograph of twelve million pixels costs a row of every channel and not all of them.

import { UserError } from '../errors/index.js';
import type { Depiction, Task } from './task.js';
import type { MapSize } from './validated.js';

/** Of one view of the image: [channels, height, width]. */
export interface OutputMap extends MapSize {
  readonly channels: number;
  readonly data: Float32Array;
}

export class OutputMaps {
  readonly channels: number;
  readonly #views: readonly OutputMap[];
  readonly #asProbabilities: boolean;

  /**
   * @param views of one image, of any sizes; their mean is read
   * @param kind `logits` of several views are averaged as class probabilities, `values` as they are
   * @throws UserError where a view holds a number that is not finite
   */
  constructor(views: readonly OutputMap[], kind: 'logits' | 'values') {
    const [first] = views;
    if (!first) throw new RangeError('no view of the image');
    for (const view of views) requireFinite(view);
    this.channels = first.channels;
    this.#views = views;
    this.#asProbabilities = kind === 'logits' && views.length > 1;
  }

  /** The channel of the largest value, a pixel each: [height, width]. */
  labels(size: MapSize): Uint8Array {
    const { channels } = this;
    const labels = new Uint8Array(size.width * size.height);
    this.#eachRow(size, 0, size.height, (row, y) => {
      for (let x = 0; x < size.width; x++) {
        const at = x * channels;
        let [best, top] = [0, row[at] ?? 0];
        for (let c = 1; c < channels; c++) {
          const value = row[at + c] ?? 0;
          if (value > top) [best, top] = [c, value];
        }
        labels[y * size.width + x] = best;
      }
    });
    return labels;
  }

  /** Rows `first` to `end` of the maps at a size: [channels, end − first, width]. */
  values(size: MapSize, first = 0, end = size.height): Float32Array {
    const { channels } = this;
    const plane = (end - first) * size.width;
    const values = new Float32Array(channels * plane);
    this.#eachRow(size, first, end, (row, y) => {
      const start = (y - first) * size.width;
      for (let c = 0; c < channels; c++) for (let x = 0; x < size.width; x++) values[c * plane + start + x] = row[x * channels + c] ?? 0;
    });
    return values;
  }

  /** Of every class at one pixel of the maps at a size; they add up to 1. */
  probabilities(size: MapSize, x: number, y: number): Float32Array {
    const row = this.values(size, y, y + 1);
    const pixel = Float32Array.from({ length: this.channels }, (_, c) => row[c * size.width + x] ?? 0);
    if (!this.#asProbabilities) softmaxPixels(pixel, this.channels);
    return pixel;
  }

  /** @param visit is given [width, channels], which the next row overwrites */
  #eachRow(size: MapSize, first: number, end: number, visit: (row: Float32Array, y: number) => void): void {
    const readers = this.#views.map((view) => new RowReader(view, size));
    const [only] = readers;
    const total = new Float32Array(this.channels * size.width);
    for (let y = first; y < end; y++) {
      if (only && readers.length === 1) {
        visit(only.row(y), y);
        continue;
      }
      total.fill(0);
      for (const reader of readers) {
        const row = reader.row(y);
        if (this.#asProbabilities) softmaxPixels(row, this.channels);
        for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (row[i] ?? 0) / readers.length;
      }
      visit(total, y);
    }
  }
}

/** What is seen in an image, at the image's size. */
export function depictMaps(task: Task, maps: OutputMaps, { width, height }: MapSize): Depiction {
  switch (task.description.task) {
    case 'segmentation':
      return { kind: 'labels', width, height, data: maps.labels({ width, height }) };
    case 'depth':
      return { kind: 'depth', width, height, metres: maps.values({ width, height }) };
    case 'pose': {
      const [h, w] = task.validationShape(height, width);
      return task.depict(maps.values({ width: w, height: h }), [h, w], { width, height });
    }
  }
}

/** Between which two pixels of an axis a pixel of the resized one lies, and how far from the first. */
interface Places {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}

/** The same places as `bilinearMatrix` weighs. */
function placesOf(from: number, to: number): Places {
  const places = { low: new Int32Array(to), high: new Int32Array(to), share: new Float32Array(to) };
  for (let i = 0; i < to; i++) {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(position), from - 1);
    places.low[i] = low;
    places.high[i] = Math.min(low + 1, from - 1);
    places.share[i] = position - low;
  }
  return places;
}

class RowReader {
  readonly #map: OutputMap;
  readonly #columns: Places;
  readonly #rows: Places;
  /** [map's width, channels]: the channels of a pixel lie together. */
  readonly #blended: Float32Array;
  readonly #row: Float32Array;

  constructor(map: OutputMap, size: MapSize) {
    this.#map = map;
    this.#columns = placesOf(map.width, size.width);
    this.#rows = placesOf(map.height, size.height);
    this.#blended = new Float32Array(map.channels * map.width);
    this.#row = new Float32Array(map.channels * size.width);
  }

  /** [width, channels]; the next call overwrites it. */
  row(y: number): Float32Array {
    const { channels, width, height, data } = this.#map;
    const blended = this.#blended;
    const [top, bottom, down] = [this.#rows.low[y] ?? 0, this.#rows.high[y] ?? 0, this.#rows.share[y] ?? 0];
    for (let c = 0; c < channels; c++) {
      const [upper, lower] = [(c * height + top) * width, (c * height + bottom) * width];
      for (let x = 0; x < width; x++) {
        const value = data[upper + x] ?? 0;
        blended[x * channels + c] = value + down * ((data[lower + x] ?? 0) - value);
      }
    }
    const { low, high, share } = this.#columns;
    const row = this.#row;
    for (let x = 0; x < low.length; x++) {
      const [left, right, across, at] = [(low[x] ?? 0) * channels, (high[x] ?? 0) * channels, share[x] ?? 0, x * channels];
      for (let c = 0; c < channels; c++) {
        const value = blended[left + c] ?? 0;
        row[at + c] = value + across * ((blended[right + c] ?? 0) - value);
      }
    }
    return row;
  }
}

/** In place. @param row [pixels, channels] */
function softmaxPixels(row: Float32Array, channels: number): void {
  for (let at = 0; at < row.length; at += channels) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = at; c < at + channels; c++) top = Math.max(top, row[c] ?? 0);
    let sum = 0;
    for (let c = at; c < at + channels; c++) {
      const power = Math.exp((row[c] ?? 0) - top);
      row[c] = power;
      sum += power;
    }
    for (let c = at; c < at + channels; c++) row[c] = (row[c] ?? 0) / sum;
  }
}

/** What is not a number is the largest of nothing: it would be taken for the first class. */
function requireFinite({ data, channels, width, height }: OutputMap): void {
  let wrong = 0;
  for (const value of data) if (!Number.isFinite(value)) wrong++;
  if (wrong > 0)
    throw new UserError(
      `the model gives numbers that are not finite for it (${wrong} of ${data.length}, [${channels}, ${height}, ${width}]); its weights are damaged, or its precision is too low: take another file of it`,
    );
}
