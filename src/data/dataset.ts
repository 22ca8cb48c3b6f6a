// A data set: where images are and what is known of them, for one of three tasks.

import type { Finding } from './finding.js';
import type { DepthRange } from './maps.js';
import type { Person } from './person.js';
import type { SidePair } from './sides.js';

export type MaskSample = { readonly image: string; readonly mask: string };
export type DepthSample = { readonly image: string; readonly depth: string };
/** One person of an image. */
export type PersonSample = { readonly image: string; readonly person: Person };

export type Sample = MaskSample | DepthSample | PersonSample;

/** What the samples' files mean. */
export type Labelling =
  | {
      readonly kind: 'masks';
      /** Names of the classes, by label. */
      readonly classes: readonly string[];
      /** The label that is neither learnt nor counted. */
      readonly ignore: number;
      /** Classes that change places in the mirror; those that their names say where this is absent. */
      readonly mirrorPairs?: readonly SidePair[] | undefined;
    }
  | {
      readonly kind: 'depth';
      /** Stored units of a metre: 1000 where they are millimetres. */
      readonly scale: number;
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

export interface DatasetOptions {
  /** Number of classes; labels from here on are errors, `ignore` apart. */
  readonly classes: number;
  readonly ignore: number;
  readonly names?: readonly string[] | undefined;
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
