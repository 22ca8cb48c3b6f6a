// A layout: how a labelling tool or a well-known data set arranges pictures and labels in a folder.

import type { DepthSample, MaskSample } from '../dataset.js';
import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import type { MaskCoding } from '../mask-coding.js';

export type LayoutTask = 'segmentation' | 'depth';

export interface Listing<S> {
  /** Undefined where the folder knows no such split. */
  readonly train?: readonly S[] | undefined;
  readonly val?: readonly S[] | undefined;
  /**
   * Reads a split for testing beside one for validation; undefined where there is none. Published ones often come without labels, so that what
   * it throws leaves the others usable.
   */
  readonly test?: (() => Promise<readonly S[] | undefined>) | undefined;
  /** Names of the classes, by label, where the folder says them. */
  readonly classes?: readonly string[] | undefined;
  /** Names that data of this layout usually have, where the folder says none. */
  readonly usualClasses?: readonly string[] | undefined;
  /** The label that means "not labelled" by the layout's own rule. */
  readonly ignore?: number | undefined;
  readonly coding?: MaskCoding | undefined;
  /** Stored units of a metre by the layout's own rule, where depths are whole numbers. */
  readonly usualScale?: number | undefined;
}

interface LayoutOf<S> {
  /** For people. */
  readonly name: string;
  /** What it is known by, for the message where nothing fits. */
  readonly signs: string;
  /** Names of layouts that such a folder fits as well, without a word: lists say which files of two folders are meant. */
  readonly refines?: readonly string[];
  /** Whether the folder has it; cheap, and never throws for what is merely wrong inside. */
  readonly fits: (folder: Folder) => Promise<boolean>;
  /** @throws DataError where nothing in it can be used */
  readonly list: (folder: Folder, context: ListingContext) => Promise<Listing<S>>;
}

export interface ListingContext {
  /** What is noticed on the way. */
  readonly findings: FindingList;
}

export interface MaskLayout extends LayoutOf<MaskSample> {
  readonly task: 'segmentation';
}

export interface DepthLayout extends LayoutOf<DepthSample> {
  readonly task: 'depth';
}

export type Layout = MaskLayout | DepthLayout;
