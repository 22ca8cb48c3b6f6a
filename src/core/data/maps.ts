// What is known of every pixel: its label, or how far away it is.

/**
 * The label of a pixel that is neither learnt nor counted, whatever stands for it in the files. There are at most 255
 * classes, so that none of them is meant by it.
 */
export const unlabelled = 255;

/** One label a pixel, or `unlabelled`. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Metres along the optical axis, a value a pixel; 0 where nothing was measured. */
export interface DepthMap {
  readonly width: number;
  readonly height: number;
  readonly metres: Float32Array;
}

/** In metres. */
export interface DepthRange {
  readonly minDepth: number;
  readonly maxDepth: number;
}

/**
 * Whether a depth counts, in the loss as in the metrics: strictly between the two, as the field's evaluation codes have it.
 * Not a number, infinity, 0 and less do not.
 */
export function isMeasured(metres: number, { minDepth, maxDepth }: DepthRange): boolean {
  return metres > minDepth && metres < maxDepth;
}

/** What does not count becomes 0, so that nothing takes it for a depth. */
export function measuredOnly(metres: Float32Array, range: DepthRange): Float32Array {
  return metres.map((value) => (isMeasured(value, range) ? value : 0));
}

/** Any depth at all. */
export const anyDepth: DepthRange = { minDepth: 0, maxDepth: Number.POSITIVE_INFINITY };

/** Nearest neighbour with pixel centres, as PIL and OpenCV's exact mode do it. */
export function resizeLabels(labels: LabelMap, width: number, height: number): LabelMap {
  if (labels.width === width && labels.height === height) return labels;
  const data = new Uint8Array(width * height);
  const columns = nearest(labels.width, width);
  const rows = nearest(labels.height, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[y * width + x] = labels.data[(rows[y] ?? 0) * labels.width + (columns[x] ?? 0)] ?? 0;
  return { width, height, data };
}

/**
 * Nearest neighbour, but for a pixel without a measurement: it takes the nearest measured one of those that it stands
 * for, so that a sparse map (a laser scanner's) keeps its points when it is made smaller.
 */
export function resizeDepths(map: DepthMap, width: number, height: number): DepthMap {
  if (map.width === width && map.height === height) return map;
  const metres = new Float32Array(width * height);
  const columns = nearest(map.width, width);
  const rows = nearest(map.height, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [cx, cy] = [columns[x] ?? 0, rows[y] ?? 0];
      metres[y * width + x] = map.metres[cy * map.width + cx] || nearestMeasured(map, cx, cy, x, y, width, height);
    }
  return { width, height, metres };
}

/** Index of the source pixel whose centre is nearest to each target pixel's. */
function nearest(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)));
}

function nearestMeasured(map: DepthMap, cx: number, cy: number, x: number, y: number, width: number, height: number): number {
  const [x0, x1] = [Math.floor((x * map.width) / width), Math.ceil(((x + 1) * map.width) / width)];
  const [y0, y1] = [Math.floor((y * map.height) / height), Math.ceil(((y + 1) * map.height) / height)];
  let [found, least] = [0, Number.POSITIVE_INFINITY];
  for (let j = y0; j < Math.min(y1, map.height); j++)
    for (let i = x0; i < Math.min(x1, map.width); i++) {
      const metres = map.metres[j * map.width + i] ?? 0;
      const distance = (i - cx) ** 2 + (j - cy) ** 2;
      if (metres > 0 && distance < least) [found, least] = [metres, distance];
    }
  return found;
}
