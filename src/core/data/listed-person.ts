// A person as a list has them, before the picture is looked at.

import type { FindingList } from './finding.js';
import type { SkipCount } from './dataset.js';
import type { Box } from './person.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ListedPerson {
  /** As the list names it. */
  readonly image: string;
  /** Of the picture, where the list says it. */
  readonly size: Size | undefined;
  /** [x, y, visible] of every joint that is to be learnt, in pixels; a pixel's centre is a whole number. */
  readonly joints: Float32Array;
  readonly box: Box;
  readonly area: number;
  readonly headSize: number;
}

/** Where a reader puts what it leaves out and what it notices. */
export interface ReadingNotes {
  readonly skipped: SkipCount;
  readonly findings: FindingList;
}
