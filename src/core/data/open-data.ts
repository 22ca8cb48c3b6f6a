// Opens a folder: finds its layout, reads its lists, gives its classes the labels that are asked for, and says what was
// noticed on the way. Of pixels, no more is looked at than tells 0/255 masks from others.

import { isBinary } from './binary.js';
import { matchClasses } from './classes.js';
import type { Dataset, DepthLabelling, DepthSample, MaskLabelling, MaskSample, Sample } from './dataset.js';
import { DataError } from './errors.js';
import { type Finding, FindingList } from './finding.js';
import { Folder, isFile } from './folder.js';
import { leftOut } from './layouts/depth-lists.js';
import { depthLayouts, maskLayouts } from './layouts/index.js';
import type { Layout, Listing } from './layouts/layout.js';
import { exists } from './lists.js';
import { type MaskCoding, relabel, notLabelled } from './mask-coding.js';
import type { Rgb } from './palette.js';
import { splitDrawn } from './split.js';
import { usableTest } from './test-split.js';

export interface MaskOptions {
  /** Names of the classes, by label; without them, the folder's own. */
  readonly names?: readonly string[] | undefined;
  /** How many they are, where nobody named them. */
  readonly count?: number | undefined;
  /** The label that is neither learnt nor counted; 255 without it. */
  readonly ignore?: number | undefined;
  /** Which colour stands for which class, by its name; `ignore` for what is not labelled. */
  readonly colours?: Readonly<Record<string, Rgb>> | undefined;
  readonly background?: Rgb | undefined;
}

export interface DepthOptions {
  /** Stored units of a metre; without it the layout's own, or 1000. */
  readonly scale?: number | undefined;
  readonly background?: Rgb | undefined;
}

/** @throws DataError naming folder, list and line that is wrong */
export async function openMasks(place: string, options: MaskOptions): Promise<Dataset<MaskLabelling>> {
  const folder = await openFolder(place);
  const findings = new FindingList();
  const layout = await chooseLayout(folder, maskLayouts, findings);
  const listing = await layout.list(folder, { findings });
  const ignore = options.ignore ?? 255;
  const { train, val, test } = await splitOf(folder, listing, findings);
  const { classes, labels } = matchClasses(
    { folder: place, said: options.colours ? undefined : listing.classes, usual: listing.usualClasses },
    { names: options.names, count: options.count, ignore },
    findings,
  );
  const own = options.colours ? coloursOf(options.colours, classes) : listing.coding;
  const coding = labels || own ? relabel(own, labels ?? identity(classes, listing), ignore) : undefined;
  const known: MaskLabelling = {
    kind: 'masks',
    classes,
    ignore,
    ...(coding && { coding }),
    ...(options.background && { background: options.background }),
  };
  const labelling = await withBinary(known, [...train, ...val], findings);
  const all = await conclude(folder, { train, val, test }, findings);
  return { layout: layout.name, labelling, train, val, ...(test && { test }), skipped: [], findings: all };
}

/** @throws DataError naming folder, list and line that is wrong */
export async function openDepths(place: string, { scale, background }: DepthOptions): Promise<Dataset<DepthLabelling>> {
  const folder = await openFolder(place);
  const findings = new FindingList();
  const layout = await chooseLayout(folder, depthLayouts, findings);
  const listing = await layout.list(folder, { findings });
  const { train, val, test } = await splitOf(folder, listing, findings);
  const known = scale ?? listing.usualScale;
  const labelling: DepthLabelling = {
    kind: 'depth',
    scale: known ?? millimetres,
    ...(known === undefined && { isAssumed: true }),
    ...(background && { background }),
  };
  const all = await conclude(folder, { train, val, test }, findings);
  const skipped = all.filter(({ code }) => code === leftOut).map(({ cause, count }) => ({ reason: cause, count }));
  return { layout: layout.name, labelling, train, val, ...(test && { test }), skipped, findings: all };
}

/** Units of a metre, where nobody says others. */
const millimetres = 1000;

export async function openFolder(place: string): Promise<Folder> {
  if (!(await exists(place)))
    throw new DataError(`${place}: there is no such folder; give the folder with train.txt and val.txt, or another layout of docs/data.md`);
  if (await isFile(place))
    throw new DataError(`${place}: is a file, not a folder of data; unpack it if it is an archive, and give the folder`);
  return new Folder(place);
}

async function chooseLayout<L extends Layout>(folder: Folder, layouts: readonly L[], findings: FindingList): Promise<L> {
  const fitting: L[] = [];
  for (const layout of layouts) if (await layout.fits(folder)) fitting.push(layout);
  const [chosen, ...further] = fitting;
  if (!chosen) throw await noLayout(folder, layouts);
  const others = further.filter(({ name }) => !chosen.refines?.includes(name));
  if (others.length > 0)
    findings.add({
      grade: 'note',
      code: 'several-layouts',
      cause: `the folder can be read as ${[chosen, ...others].map(({ name }) => name).join(', or as ')}; the first, the more specific one, is taken`,
      count: 1 + others.length,
      remedy: 'leave the files of one of them in the folder, if another was meant',
    });
  return chosen;
}

/** @throws never: the error is returned */
export async function noLayout(folder: Folder, layouts: readonly Layout[]): Promise<DataError> {
  const [files, folders] = await Promise.all([folder.files(), folder.folders()]);
  const there = [...folders.map((name) => `${name}/`), ...files];
  const shown = there.length === 0 ? 'nothing' : `${there.slice(0, 8).join(', ')}${there.length > 8 ? ', …' : ''}`;
  // An archive unpacked into a folder of its own name.
  const below = await Promise.all(
    folders.slice(0, 20).map(async (name) => ((await anyFits(new Folder(folder.at(name)), layouts)) ? folder.at(name) : undefined)),
  );
  const nearest = below.find((found) => found !== undefined);
  const hint =
    nearest === undefined ? 'docs/data.md shows each layout as a tree' : `but ${nearest} has a layout that is read: give that folder`;
  return new DataError(
    `${folder.path}: holds ${shown}, but ${layouts.map(({ signs }, i) => `${i === 0 ? 'neither' : 'nor'} ${signs}`).join(', ')} is in it; ${hint}`,
  );
}

async function anyFits(folder: Folder, layouts: readonly Layout[]): Promise<boolean> {
  for (const layout of layouts) if (await layout.fits(folder)) return true;
  return false;
}

interface Splits<S> {
  readonly train: readonly S[];
  readonly val: readonly S[];
  readonly test?: readonly S[] | undefined;
}

async function splitOf<S extends Sample>(folder: Folder, { train, val, test }: Listing<S>, findings: FindingList): Promise<Splits<S>> {
  const listed = train ?? [];
  if (listed.length === 0) throw new DataError(`${folder.path}: holds no picture with its labels for training${leftOver(findings)}`);
  if (val) {
    if (val.length === 0) throw new DataError(`${folder.path}: holds no picture with its labels for validation${leftOver(findings)}`);
    return { train: listed, val, test: await usableTest(test, findings) };
  }
  return splitDrawn(folder.path, listed, findings);
}

function leftOver(findings: FindingList): string {
  const [first] = findings.list().filter(({ grade }) => grade === 'warning');
  return first
    ? `: ${first.count} × ${first.cause} (${first.files.join(', ')}); ${first.remedy}`
    : '; docs/data.md shows each layout as a tree';
}

function identity(classes: readonly string[], { classes: said = [], coding }: Listing<unknown>): number[] {
  const labels =
    coding?.kind === 'pixels'
      ? [...(coding.values ?? []), ...(coding.colours ?? []).map(({ label }) => label)].filter((label) => label < 256)
      : [];
  return Array.from({ length: Math.max(classes.length, said.length, 1 + Math.max(-1, ...labels)) }, (_, label) => label);
}

/** @throws DataError where a colour is of no class */
function coloursOf(colours: Readonly<Record<string, Rgb>>, classes: readonly string[]): MaskCoding {
  const known = Object.entries(colours).map(([name, colour]) => {
    const label = classes.indexOf(name);
    if (label < 0 && name !== 'ignore')
      throw new DataError(`data.colours: there is no class "${name}" in data.classes; correct one of them`);
    return { colour, label: label < 0 ? notLabelled : label };
  });
  return { kind: 'pixels', colours: known, byColour: true };
}

/** Masks of 0 and 255 are a background and an object, where two classes are meant and no mask speaks against it. */
async function withBinary(labelling: MaskLabelling, samples: readonly MaskSample[], findings: FindingList): Promise<MaskLabelling> {
  const { classes, coding } = labelling;
  if (coding || (classes.length !== 2 && classes.length !== 0) || !(await isBinary(samples, labelling))) return labelling;
  findings.add({
    grade: 'note',
    code: 'binary-masks',
    cause: `masks hold 0 and 255 and nothing else: 0 is read as ${classes[0] ?? 'background'}, 255 as ${classes[1] ?? 'object'}`,
    count: samples.length,
    remedy: 'where 255 is what is not labelled, there is no class 1 to learn: label it as 1',
  });
  const names = classes.length === 0 ? ['background', 'object'] : classes;
  return { ...labelling, classes: names, coding: { kind: 'binary', labels: [0, 1] } };
}

async function conclude(folder: Folder, { train, val, test = [] }: Splits<Sample>, findings: FindingList): Promise<Finding[]> {
  const hidden = await folder.hidden();
  if (hidden.length > 0)
    findings.add({
      grade: 'note',
      code: 'hidden-files',
      cause: 'files that systems leave behind (names that begin with a dot, Thumbs.db) are passed over',
      count: hidden.length,
      files: hidden.slice(0, 3),
      remedy: 'nothing',
    });
  noteTwice(train, 'training', findings);
  noteTwice(val, 'validation', findings);
  const learnt = new Set(train.map(({ image }) => image));
  const both = [...new Set(val.map(({ image }) => image).filter((image) => learnt.has(image)))];
  if (both.length > 0)
    findings.add({
      grade: 'warning',
      code: 'same-picture-in-both',
      cause: 'pictures are in training and in validation, which makes results look better than they are',
      count: both.length,
      files: both.slice(0, 3),
      remedy: 'take them out of one of the two',
    });
  const used = new Set([...train, ...val].map(({ image }) => image));
  const again = [...new Set(test.map(({ image }) => image).filter((image) => used.has(image)))];
  if (again.length > 0)
    findings.add({
      grade: 'warning',
      code: 'test-picture-in-use',
      cause: 'pictures of the test split are in training or in validation, so that what is measured on it at the end says too much',
      count: again.length,
      files: again.slice(0, 3),
      remedy: 'take them out of one of the two',
    });
  return findings.list();
}

function noteTwice(samples: readonly (MaskSample | DepthSample | Sample)[], split: string, findings: FindingList): void {
  const seen = new Set<string>();
  const twice = samples.filter(({ image }) => seen.size === seen.add(image).size).map(({ image }) => image);
  if (twice.length === 0) return;
  findings.add({
    grade: 'warning',
    code: 'picture-twice',
    cause: `pictures stand more than once in the list of ${split}`,
    count: twice.length,
    files: [...new Set(twice)].slice(0, 3),
    remedy: 'list each picture once',
  });
}
