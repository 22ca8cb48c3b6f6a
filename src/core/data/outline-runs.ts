// A polygon as run lengths, pixel for pixel as COCO's tools draw it (rleFrPoly of
// https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c): the outline is walked in fifths of a pixel, and where
// it crosses the middle of a column, the column changes from outside to inside or back.

const scale = 5;

/** Run lengths down the columns, beginning with what is outside. @param outline x, y of each corner, in pixels */
export function outlineRuns(outline: readonly number[], width: number, height: number): number[] {
  const corners = outline.length >> 1;
  const fifths = (k: number, axis: number): number => Math.trunc(scale * (outline[2 * (k % corners) + axis] ?? 0) + 0.5);
  const crossings: number[] = [];
  let before: readonly [number, number] | undefined;
  const visit = (u: number, v: number): void => {
    if (before && u !== before[0]) {
      const x = ((u < before[0] ? u : u - 1) + 0.5) / scale - 0.5;
      if (Number.isInteger(x) && x >= 0 && x <= width - 1) {
        const y = (Math.min(v, before[1]) + 0.5) / scale - 0.5;
        crossings.push(x * height + Math.ceil(Math.max(0, Math.min(height, y))));
      }
    }
    before = [u, v];
  };
  for (let k = 0; k < corners; k++) walk([fifths(k, 0), fifths(k, 1)], [fifths(k + 1, 0), fifths(k + 1, 1)], visit);
  return toRuns(crossings, width * height);
}

type Point = readonly [number, number];

/** Every step of the longer axis from one corner to the next, both ends included. */
function walk([x0, y0]: Point, [x1, y1]: Point, visit: (u: number, v: number) => void): void {
  const [dx, dy] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const flat = dx >= dy;
  const backwards = flat ? x0 > x1 : y0 > y1;
  const [xs, ys, xe, ye] = backwards ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
  const steps = flat ? dx : dy;
  const slope = steps === 0 ? 0 : (flat ? ye - ys : xe - xs) / steps;
  for (let d = 0; d <= steps; d++) {
    const t = backwards ? steps - d : d;
    if (flat) visit(xs + t, Math.trunc(ys + slope * t + 0.5));
    else visit(Math.trunc(xs + slope * t + 0.5), ys + t);
  }
}

/** Where the state changes, as the lengths between; two changes at one place are none. */
function toRuns(changes: readonly number[], total: number): number[] {
  const sorted = [...changes, total].toSorted((a, b) => a - b);
  const gaps = sorted.map((at, i) => at - (sorted[i - 1] ?? 0));
  const runs = [gaps[0] ?? total];
  for (let i = 1; i < gaps.length; i++) {
    const gap = gaps[i] ?? 0;
    if (gap > 0) runs.push(gap);
    else {
      i++;
      if (i < gaps.length) runs.push((runs.pop() ?? 0) + (gaps[i] ?? 0));
    }
  }
  return runs;
}
