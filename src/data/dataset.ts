// A data set for segmentation: where images and masks are, and what the labels mean.

export interface Sample {
  readonly image: string;
  readonly mask: string;
}

export interface Dataset {
  /** Names of the classes, by label. */
  readonly classes: readonly string[];
  /** The label that is neither learnt nor counted. */
  readonly ignore: number;
  readonly train: readonly Sample[];
  readonly val: readonly Sample[];
}

export interface DatasetOptions {
  /** Number of classes; labels from here on are errors, `ignore` apart. */
  readonly classes: number;
  readonly ignore: number;
  readonly names?: readonly string[] | undefined;
}

export function classNames({ classes, names }: DatasetOptions): string[] {
  return Array.from({ length: classes }, (_, k) => names?.[k] ?? `class ${k}`);
}
