// Shapes become a label a pixel: crowds first, then objects in the file's order, the later over the earlier, as COCO's own
// tools make maps of them.

import { outlineRuns } from './outline-runs.js';
import type { Runs, Shape } from './shapes.js';
import type { Size } from './sizes.js';

/** How far beyond the picture a corner may lie, in pictures: farther, it is in other units. */
const reach = 2;

/**
 * @param labelOf the label of a kind; undefined where there is none
 * @throws RangeError saying what is wrong with a shape
 */
export function drawShapes(
  shapes: readonly Shape[],
  { width, height }: Size,
  background: number,
  ignore: number,
  labelOf: (kind: number) => number,
): Uint16Array {
  const labels = new Uint16Array(width * height).fill(background);
  const inOrder = [...shapes.filter(({ crowd }) => crowd), ...shapes.filter(({ crowd }) => !crowd)];
  for (const { kind, crowd, outlines = [], runs } of inOrder) {
    const label = crowd ? ignore : labelOf(kind);
    for (const outline of outlines) {
      checkOutline(outline, width, height);
      fillRuns(labels, outlineRuns(outline, width, height), width, height, label);
    }
    if (runs) fillRuns(labels, runLengths(runs, width, height), width, height, label);
  }
  return labels;
}

function checkOutline(outline: readonly number[], width: number, height: number): void {
  if (outline.length < 6 || outline.length % 2 !== 0)
    throw new RangeError(`an outline of ${outline.length} numbers; expected x, y of three corners or more`);
  const far = outline.find((v, i) => !(Math.abs(v) <= (1 + reach) * (i % 2 === 0 ? width : height)));
  if (far !== undefined) throw new RangeError(`a corner at ${far}, far outside the picture of ${width}×${height}`);
}

function fillRuns(labels: Uint16Array, runs: readonly number[], width: number, height: number, label: number): void {
  let at = 0;
  runs.forEach((length, i) => {
    const end = Math.min(at + length, width * height);
    if (i % 2 === 1) for (let p = at; p < end; p++) labels[(p % height) * width + Math.floor(p / height)] = label;
    at = end;
  });
}

function runLengths({ width: ownWidth, height: ownHeight, counts }: Runs, width: number, height: number): readonly number[] {
  if (ownWidth !== width || ownHeight !== height)
    throw new RangeError(`run lengths for ${ownWidth}×${ownHeight}, the picture is ${width}×${height}`);
  const runs = typeof counts === 'string' ? unpackRuns(counts) : counts;
  let total = 0;
  for (const run of runs) {
    if (!(Number.isInteger(run) && run >= 0)) throw new RangeError(`a run length of ${run}`);
    total += run;
  }
  if (total !== width * height) throw new RangeError(`run lengths of ${total} pixels in all, the picture has ${width * height}`);
  return runs;
}

/** COCO's text: numbers of five bits a character, the lowest first; from the fourth on, less the number before the last. */
function unpackRuns(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more) {
      const code = text.charCodeAt(at++) - 48;
      if (!(code >= 0 && code < 64) || shift > 30) throw new RangeError('run lengths that are no text of COCO');
      value |= (code & 0x1f) << shift;
      shift += 5;
      more = (code & 0x20) !== 0;
      if (!more && (code & 0x10) !== 0 && shift < 32) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + (runs.at(-2) ?? 0) : value);
  }
  return runs;
}
