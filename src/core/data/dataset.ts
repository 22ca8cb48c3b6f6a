// A data set: where images are and what is known of them, for one of three tasks.

import type { Finding } from './finding.js';
import type { DepthRange } from './maps.js';
import type { MaskCoding } from './mask-coding.js';
import type { Rgb } from './palette.js';
import type { Person } from './person.js';
import type { Shapes } from './shapes.js';
import type { SidePair } from './sides.js';

/** A segment's number in its mask, and that of its kind among those that the coding lists. */
export type Segment = readonly [id: number, kind: number];

export type MaskSample = {
  readonly image: string;
  /** The file that says its labels: a picture of them, or shapes. */
  readonly mask: string;
  /** Where one file lists the shapes of many pictures: this picture's. */
  readonly shapes?: Shapes;
  /** Where a mask's colours number its segments: the kind of each. */
  readonly segments?: readonly Segment[];
};
export type DepthSample = { readonly image: string; readonly depth: string };
/** One person of an image. */
export type PersonSample = { readonly image: string; readonly person: Person };

export type Sample = MaskSample | DepthSample | PersonSample;

/** What the samples' files mean. */
export type Labelling = Meaning & {
  /** What photographs are laid over where they are transparent; without it, alpha is left out and colours stay as they are. */
  readonly background?: Rgb;
};

type Meaning =
  | {
      readonly kind: 'masks';
      /** Names of the classes, by label; none where neither the folder nor a preset says them. */
      readonly classes: readonly string[];
      /** The label that is neither learnt nor counted. */
      readonly ignore: number;
      /** Classes that change places in the mirror; those that their names say where this is absent. */
      readonly mirrorPairs?: readonly SidePair[] | undefined;
      /** How files say labels; without it, a pixel's value is its label. */
      readonly coding?: MaskCoding;
    }
  | {
      readonly kind: 'depth';
      /** Stored units of a metre: 1000 where they are millimetres. */
      readonly scale: number;
      /** Neither the user nor the layout says the unit. */
      readonly isAssumed?: boolean | undefined;
      /** What lies outside counts as not measured. */
      readonly range?: DepthRange | undefined;
    }
  | {
      readonly kind: 'joints';
      readonly joints: readonly string[];
      /** Joints that change places in the mirror; those that their names say where this is absent. */
      readonly mirrorPairs?: readonly SidePair[] | undefined;
    };

export interface Dataset<L extends Labelling = Labelling> {
  /** How the folder is laid out, for people: `COCO instances`. */
  readonly layout: string;
  readonly labelling: L;
  readonly train: readonly Sample[];
  readonly val: readonly Sample[];
  /** Kept for the end: neither learnt from nor used to choose. Absent where the folder has no such split, or where it is what validates. */
  readonly test?: readonly Sample[];
  /** What was left out of the lists, and why. */
  readonly skipped: readonly Skipped[];
  /** What was noticed while the lists were read; pixels are not looked at for it. */
  readonly findings: readonly Finding[];
}

export interface Skipped {
  readonly reason: string;
  readonly count: number;
}

export type MaskLabelling = Extract<Labelling, { readonly kind: 'masks' }>;
export type DepthLabelling = Extract<Labelling, { readonly kind: 'depth' }>;

export interface DatasetOptions {
  /** Number of classes; labels from here on are errors, `ignore` apart. */
  readonly classes: number;
  readonly ignore: number;
  readonly names?: readonly string[] | undefined;
  /** Which colour stands for which class, by its name; `ignore` for what is not labelled. */
  readonly colours?: Readonly<Record<string, Rgb>> | undefined;
  readonly background?: Rgb | undefined;
}

export function classNames({ classes, names }: DatasetOptions): string[] {
  return Array.from({ length: classes }, (_, k) => names?.[k] ?? `class ${k}`);
}

/** Counts what is left out while a list is read. */
export class SkipCount {
  readonly #counts = new Map<string, number>();

  add(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  list(): Skipped[] {
    return [...this.#counts].map(([reason, count]) => ({ reason, count }));
  }
}
