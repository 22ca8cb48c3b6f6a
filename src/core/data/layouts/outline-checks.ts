// Whether outlines can be pixels of their pictures: those that lie elsewhere than the box beside them, or beyond the picture.

import type { FindingList } from '../finding.js';

interface Beside {
  /** left, top, width, height, as COCO has it; of other lengths it says nothing. */
  readonly box: readonly number[];
  readonly size: { readonly width?: number | null | undefined; readonly height?: number | null | undefined };
}

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Shares of the union that two boxes of one object have in common at least; boxes are rounded, and of tiny objects that is much. */
const alike = 0.5;
/** Pixels by which boxes of tiny objects may differ. */
const slack = 2;
/** Outlines may end on the picture's edge, and a little beyond. */
const stray = 0.05;

export class OutlineChecks {
  readonly #file: string;
  readonly #findings: FindingList;
  readonly #boxes = new Set<string>();
  #compared = 0;
  #elsewhere = 0;
  #swapped = 0;

  constructor(file: string, findings: FindingList) {
    this.#file = file;
    this.#findings = findings;
  }

  add(outlines: readonly (readonly number[])[], { box, size: { width, height } }: Beside): void {
    const extent = extentOf(outlines.flat());
    if (width && height && (extent.right > (1 + stray) * width + slack || extent.bottom > (1 + stray) * height + slack))
      this.#findings.add({
        grade: 'warning',
        code: 'outlines-beyond-pictures',
        cause: 'outlines reach beyond their pictures by more than a twentieth, and are cut off there',
        files: [this.#file],
        remedy:
          'were the pictures made smaller after they were labelled, or are x and y exchanged? Corners are pixels of the picture, x before y',
      });
    const [left = 0, top = 0, w = 0, h = 0] = box;
    if (box.length !== 4 || !(w > 0 && h > 0)) return;
    this.#compared++;
    this.#boxes.add(box.join());
    // Some write the far corner instead of the size, and then the outlines are right all the same.
    const boxes = [
      { left, top, right: left + w, bottom: top + h },
      { left, top, right: w, bottom: h },
    ];
    if (boxes.some((said) => areAlike(said, extent))) return;
    this.#elsewhere++;
    const exchanged = { left: extent.top, top: extent.left, right: extent.bottom, bottom: extent.right };
    if (boxes.some((said) => areAlike(said, exchanged))) this.#swapped++;
  }

  /** What boxes beside outlines say, when all were seen. */
  conclude(): void {
    const [elsewhere, compared] = [this.#elsewhere, this.#compared];
    // One box all over stands for none.
    if (elsewhere === 0 || (this.#boxes.size === 1 && compared > 1)) return;
    const isSwapped = 2 * this.#swapped > elsewhere;
    this.#findings.add({
      grade: 'warning',
      code: 'outlines-beside-boxes',
      cause: `${elsewhere} of ${compared} outlines lie elsewhere than the boxes beside them${isSwapped ? '; with x and y exchanged they would fit' : ''}`,
      count: elsewhere,
      files: [this.#file],
      remedy:
        'look at the samples: correct the outlines (pixels of the picture, x before y), or the boxes, which nothing is learnt from here',
    });
  }
}

function extentOf(corners: readonly number[]): Extent {
  const extent = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };
  for (const [i, v] of corners.entries())
    if (i % 2 === 0) [extent.left, extent.right] = [Math.min(extent.left, v), Math.max(extent.right, v)];
    else [extent.top, extent.bottom] = [Math.min(extent.top, v), Math.max(extent.bottom, v)];
  return extent;
}

function areAlike(a: Extent, b: Extent): boolean {
  const near = (u: number, v: number): boolean => Math.abs(u - v) <= slack;
  if (near(a.left, b.left) && near(a.top, b.top) && near(a.right, b.right) && near(a.bottom, b.bottom)) return true;
  const area = ({ left, top, right, bottom }: Extent): number => Math.max(0, right - left) * Math.max(0, bottom - top);
  const common = area({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  return common >= alike * (area(a) + area(b) - common);
}
