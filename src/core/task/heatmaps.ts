// From a heatmap to a joint.

export const decodings = ['quarter', 'parabola'] as const;

/**
 * `quarter` (arXiv 1804.06208, section 2): the largest value's pixel, moved by a quarter of a pixel towards the larger of its
 * neighbours, along each axis. `parabola`: the top of the parabola through the logarithms of the largest value and its two
 * neighbours, exact for a Gaussian.
 */
export type Decoding = (typeof decodings)[number];

/** @param maps [joints, h, w] @returns [x, y, score] a joint, in pixels of the map */
export function decodeHeatmaps(maps: Float32Array, joints: number, h: number, w: number, decoding: Decoding): Float32Array {
  const found = new Float32Array(3 * joints);
  for (let k = 0; k < joints; k++) {
    const map = maps.subarray(k * h * w, (k + 1) * h * w);
    let top = 0;
    for (let i = 1; i < map.length; i++) if ((map[i] ?? 0) > (map[top] ?? 0)) top = i;
    const [x, y] = [top % w, Math.floor(top / w)];
    const shift = (before: number | undefined, behind: number | undefined): number =>
      before === undefined || behind === undefined ? 0 : shiftOf(decoding, before, map[top] ?? 0, behind);
    const dx = x > 0 && x < w - 1 ? shift(map[top - 1], map[top + 1]) : 0;
    const dy = y > 0 && y < h - 1 ? shift(map[top - w], map[top + w]) : 0;
    found.set([x + dx, y + dy, map[top] ?? 0], 3 * k);
  }
  return found;
}

function shiftOf(decoding: Decoding, before: number, top: number, behind: number): number {
  if (decoding === 'quarter') return 0.25 * Math.sign(behind - before);
  const [a, b, c] = [before, top, behind].map((v) => Math.log(Math.max(v, 1e-10)));
  if (a === undefined || b === undefined || c === undefined) return 0;
  const curvature = a - 2 * b + c;
  return curvature < 0 ? Math.max(-0.5, Math.min(0.5, (a - c) / (2 * curvature))) : 0;
}

/** Maps of the mirror image, mirrored back. @param order of `mirrorOrder`: a mirrored left hand is a right one */
export function unmirrorHeatmaps(maps: Float32Array, order: readonly number[], h: number, w: number): Float32Array {
  const back = new Float32Array(maps.length);
  order.forEach((twin, k) => {
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) back[(k * h + y) * w + x] = maps[(twin * h + y) * w + (w - 1 - x)] ?? 0;
  });
  return back;
}
