// Resizing where sharp is not, as libvips (vips_resize with its kernel `linear`) does it under sharp: the same to a grey level
// or two, so that a network sees the same image everywhere.

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB, 0 … 255. */
  readonly data: Uint8Array;
}

/** Of a new pixel: which old ones it is a mean of, and how they weigh. */
interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

export function resizePixels(image: Pixels, width: number, height: number): Pixels {
  if (image.width === width && image.height === height) return image;
  const enlarged = width > image.width || height > image.height;
  const columns = tapsOf(image.width, width, enlarged);
  const rows = tapsOf(image.height, height, enlarged);
  const narrow = new Float32Array(3 * width * image.height);
  for (let y = 0; y < image.height; y++)
    columns.forEach(({ first, weights }, x) => {
      let [r, g, b] = [0, 0, 0];
      for (let k = 0, at = 3 * (y * image.width + first); k < weights.length; k++, at += 3) {
        const weight = weights[k] ?? 0;
        r += weight * (image.data[at] ?? 0);
        g += weight * (image.data[at + 1] ?? 0);
        b += weight * (image.data[at + 2] ?? 0);
      }
      const to = 3 * (y * width + x);
      narrow[to] = r;
      narrow[to + 1] = g;
      narrow[to + 2] = b;
    });
  const data = new Uint8ClampedArray(3 * width * height);
  const row = new Float32Array(3 * width);
  rows.forEach(({ first, weights }, y) => {
    row.fill(0);
    weights.forEach((weight, k) => {
      const from = 3 * width * (first + k);
      for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) + weight * (narrow[from + i] ?? 0);
    });
    data.set(row, 3 * width * y);
  });
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** @param enlarged along one axis at least: libvips then moves the other one by half a pixel too */
function tapsOf(from: number, to: number, enlarged: boolean): Tap[] {
  if (from < to) return enlarging(from, to);
  const taps = shrinking(from, to);
  return enlarged ? taps.map((tap, i) => between(taps[Math.max(0, i - 1)] ?? tap, tap)) : taps;
}

/** The mean of two neighbours. */
function between(before: Tap, tap: Tap): Tap {
  const end = Math.max(before.first + before.weights.length, tap.first + tap.weights.length);
  const weights = new Float32Array(end - before.first);
  for (const { first, weights: own } of [before, tap])
    own.forEach((weight, k) => {
      const at = first - before.first + k;
      weights[at] = (weights[at] ?? 0) + weight / 2;
    });
  return { first: before.first, weights };
}

/** Between two pixels. libvips takes the new pixel's left edge for its place, not its centre. */
function enlarging(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.max(0, (i * from) / to - 0.5);
    const first = Math.min(Math.floor(place), from - 1);
    const share = first + 1 < from ? place - first : 0;
    return { first, weights: Float32Array.of(1 - share, share).subarray(0, share > 0 ? 2 : 1) };
  });
}

/** By how much a triangle shrinks at least: what is above that, boxes do first. */
const leastByTriangle = 2;

/** Means of boxes, then a triangle over these about the new pixel's centre, twice as wide as the new pixel. */
function shrinking(from: number, to: number): Tap[] {
  const box = Math.max(1, Math.floor(from / to / leastByTriangle));
  const boxes = Math.ceil(from / box);
  const scale = from / to / box;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const [start, end] = [Math.max(0, Math.floor(centre - scale)), Math.min(boxes, Math.ceil(centre + scale))];
    const weights = new Float32Array(Math.min(from, end * box) - start * box);
    for (let b = start; b < end; b++) {
      const weight = Math.max(0, 1 - Math.abs(b + 0.5 - centre) / scale);
      // The last box reaches beyond the image, where its last pixel is repeated.
      for (let k = b * box; k < (b + 1) * box; k++) {
        const at = Math.min(k, from - 1) - start * box;
        weights[at] = (weights[at] ?? 0) + weight / box;
      }
    }
    const sum = weights.reduce((x, y) => x + y, 0);
    return { first: start * box, weights: weights.map((weight) => weight / sum) };
  });
}
