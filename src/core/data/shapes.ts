// Labels as shapes: outlines and run lengths, as tools that label objects keep them.

/** Run lengths down the columns, beginning with what is outside; or the same as COCO's text. */
export interface Runs {
  readonly width: number;
  readonly height: number;
  readonly counts: readonly number[] | string;
}

export interface Shape {
  /** The number of its kind among those that the coding lists. */
  readonly kind: number;
  /** A crowd is neither one object nor background: it is ignored. */
  readonly crowd?: boolean;
  /** x, y of each corner, in pixels of the picture: a shape may be of several parts. */
  readonly outlines?: readonly (readonly number[])[];
  readonly runs?: Runs;
}

/** What is drawn on one picture, the last on top. */
export interface Shapes {
  /** The picture's size as the file says it; undefined where it doesn't. */
  readonly width?: number;
  readonly height?: number;
  readonly shapes: readonly Shape[];
}
