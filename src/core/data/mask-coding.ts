// How the files of a data set say labels. Plain data: it goes to the threads that decode.

import type { Rgb } from './palette.js';

/** A label that no class has; says itself where it is met. */
export const noLabel = 65_535;

/** What a layout says is not labelled; becomes the label to ignore of whoever opens the folder. */
export const notLabelled = 65_534;

export interface ColourLabel {
  readonly colour: Rgb;
  readonly label: number;
}

export type MaskCoding =
  /** Pictures of a label a pixel. */
  | {
      readonly kind: 'pixels';
      /** The label of each stored value, `noLabel` where it has none; without it, values are labels. */
      readonly values?: readonly number[];
      /** What colours stand for. */
      readonly colours?: readonly ColourLabel[];
      /** Whether palettes and greys are read by their colours as well, as the folder says that colours are meant. */
      readonly byColour?: boolean;
    }
  /** 0 is the first class, 255 the second, there is no other value. */
  | { readonly kind: 'binary'; readonly labels: readonly [number, number] }
  /** Colours number the segments of each picture: r + 256 g + 256² b. Number 0 is none of them. */
  | {
      readonly kind: 'segments';
      readonly none: number;
      /** The label of each kind of segment, by its number. */
      readonly labels: readonly number[];
    }
  /** Outlines or run lengths. What none covers has the label `background`. */
  | {
      readonly kind: 'shapes';
      readonly form: 'coco' | 'yolo' | 'labelme';
      readonly background: number;
      /** The label of each kind of shape, by its number. */
      readonly labels: readonly number[];
      /** What the kinds are called, where files say names. */
      readonly names?: readonly string[];
    };

/** The same coding with other labels for the same classes. @param labels the new label of each old one */
export function relabel(coding: MaskCoding | undefined, labels: readonly number[], ignore: number): MaskCoding {
  const to = (label: number): number => (label === notLabelled ? ignore : (labels[label] ?? noLabel));
  const isIdentity = labels.every((label, k) => label === k);
  switch (coding?.kind) {
    case undefined:
      return { kind: 'pixels', values: labels };
    case 'pixels': {
      const { values, colours } = coding;
      return {
        ...coding,
        ...((values || !isIdentity) && { values: values ? values.map(to) : labels }),
        ...(colours && { colours: colours.map(({ colour, label }) => ({ colour, label: to(label) })) }),
      };
    }
    case 'binary':
      return { ...coding, labels: [to(coding.labels[0]), to(coding.labels[1])] };
    case 'segments':
      return { ...coding, none: to(coding.none), labels: coding.labels.map(to) };
    case 'shapes':
      return { ...coding, background: to(coding.background), labels: coding.labels.map(to) };
  }
}
