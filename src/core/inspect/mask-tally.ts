// Masks, added up: on how many pixels and pictures each label is, and what that says of the classes.

import { classNames, type Finding, FindingList, type MaskLabelling } from '../data/index.js';
import { type MasksCard, percent, type SplitName, splitNames } from './data-card.js';
import type { LabelFacts, PictureFacts } from './facts.js';
import { PaletteTally } from './palette-tally.js';
import { smearOf } from './smear.js';

interface Seen {
  pixels: number;
  pictures: number;
  readonly files: string[];
}

/** Classes that a finding names. */
const namedClasses = 8;
/** Less of a split than this is labelled: probably not what was meant. */
const hardlyLabelled = 0.01;
/** A class on less of the training pixels than this is rare. */
const rareShare = 0.001;
/** Names that say a label is not a class. */
const voidName = /^(void|unlabel?led|ignored?|unknown|undefined|none|don'?t[ _-]?care|background|other)$/i;

/** The most labels that a mask of 8 bits can tell apart, one of them ignored. */
const mostClasses = 255;

export class MaskTally {
  /** Empty where nobody names them: then they are numbered, as many as the labels go. */
  readonly #named: readonly string[];
  readonly #ignore: number;
  readonly #strange = { train: new Map<string, Seen>(), val: new Map<string, Seen>() };
  readonly #labels = { train: new Map<number, Seen>(), val: new Map<number, Seen>() };
  readonly #pixels = { train: 0, val: 0 };
  readonly #palettes = new PaletteTally();
  readonly #findings = new FindingList();

  constructor({ classes, ignore }: MaskLabelling) {
    this.#named = classes;
    this.#ignore = ignore;
  }

  get #classes(): readonly string[] {
    if (this.#named.length > 0) return this.#named;
    const top = Math.max(-1, ...this.#used().filter((label) => label !== this.#ignore && label < mostClasses));
    return classNames({ classes: top + 1, ignore: this.#ignore });
  }

  /** Labels on any pixel of either split, in order. */
  #used(): number[] {
    return [...new Set(splitNames.flatMap((split) => [...this.#labels[split].keys()]))].toSorted((a, b) => a - b);
  }

  add(
    split: SplitName,
    file: string,
    { width, height, turned, counts, strange, palette, isPicture }: LabelFacts,
    picture: PictureFacts | undefined,
    image: string,
  ): void {
    if (picture && (picture.width !== width || picture.height !== height)) {
      const sameShape = Math.abs(picture.width / picture.height - width / height) < 0.01;
      this.#findings.add({
        grade: 'error',
        code: 'mask-of-another-size',
        cause: 'masks are of another size than their pictures, or annotations say another',
        files: [`${file} is ${width}×${height}, ${image} is ${picture.width}×${picture.height}`],
        remedy: sameShape
          ? 'give masks and pictures one size (nearest neighbour for masks)'
          : 'they may be paired wrongly, or stored lying on their side: correct the list, or the files',
      });
    }
    if (turned)
      this.#findings.add({
        grade: 'note',
        code: 'mask-turned-by-exif',
        cause: 'masks are stored turned and say so in EXIF; they are read upright, as a viewer shows them',
        files: [file],
        remedy: 'nothing is to be done where they lie on the objects in the samples',
      });
    if (palette) this.#palettes.add(file, palette);
    if (isPicture && counts.length > 1)
      this.#findings.add({
        grade: 'warning',
        code: 'picture-is-its-mask',
        cause: 'pictures have one colour for each label of their masks: masks seem to lie where the photographs should',
        files: [image],
        remedy: 'put the photographs there, or correct the list',
      });
    this.#pixels[split] += width * height;
    for (const [label, pixels] of counts) count(this.#labels[split], label, pixels, file);
    for (const [value, pixels] of strange) count(this.#strange[split], value, pixels, file);
  }

  #seen(split: SplitName, label: number): Seen {
    return this.#labels[split].get(label) ?? { pixels: 0, pictures: 0, files: [] };
  }

  /** Labels in the masks that are neither a class nor ignored, of both splits. */
  #strangers(): number[] {
    return this.#used().filter((label) => label >= this.#classes.length && label !== this.#ignore);
  }

  card(): MasksCard {
    const own = this.#classes.map((name, label) => ({ label, name }));
    const others = [...(this.#ignore < this.#classes.length ? [] : [this.#ignore]), ...this.#strangers()];
    const labels = [...own, ...others.map((label) => ({ label, name: label === this.#ignore ? '(ignored)' : '(no class)' }))];
    const figures = (split: SplitName, label: number) => {
      const { pixels, pictures } = this.#seen(split, label);
      return { pixels, pictures };
    };
    return {
      kind: 'masks',
      labels: labels.map(({ label, name }) => ({
        label,
        name,
        isClass: label < this.#classes.length,
        isIgnored: label === this.#ignore,
        train: figures('train', label),
        val: figures('val', label),
      })),
      ignore: this.#ignore,
      pixels: this.#pixels,
    };
  }

  findings(): Finding[] {
    this.#findSmeared();
    for (const finding of this.#palettes.findings()) this.#findings.add(finding);
    this.#findStrangers();
    this.#findNumbered();
    this.#findTwice();
    this.#findIgnored();
    for (const split of splitNames) this.#findUnlabelled(split);
    this.#findAbsent();
    return this.#findings.list();
  }

  /** Once compressed with loss or resized, masks have values beside those that were drawn. */
  #findSmeared(): void {
    const values = new Map<number, number>();
    for (const split of splitNames) {
      for (const [label, { pixels }] of this.#labels[split]) values.set(label, (values.get(label) ?? 0) + pixels);
      for (const [value, { pixels }] of this.#strange[split])
        if (/^\d+$/.test(value)) values.set(Number(value), (values.get(Number(value)) ?? 0) + pixels);
    }
    const smear = smearOf(values);
    if (!smear) return;
    const seen = splitNames.flatMap((split) =>
      smear.around.flatMap((label) => this.#labels[split].get(label) ?? this.#strange[split].get(String(label)) ?? []),
    );
    this.#findings.add({
      grade: 'error',
      code: 'mask-values-smeared',
      cause: `masks hold ${smear.around.slice(0, 8).join(', ')}${smear.around.length > 8 ? ', …' : ''} on single pixels around ${smear.drawn.slice(0, 6).join(', ')}: values that compression with loss (JPEG) leaves beside those that were drawn`,
      count: seen.reduce((n, { pictures }) => n + pictures, 0),
      files: seen.flatMap(({ files }) => files),
      remedy: 'export the masks again as PNG from where they were drawn; a JPEG that is saved as PNG stays what it is',
    });
  }

  #findStrangers(): void {
    const labels = this.#strangers();
    const values = [...new Set(splitNames.flatMap((split) => [...this.#strange[split].keys()]))];
    const strangers = [...labels.map(String), ...values];
    if (strangers.length === 0) return;
    const seen = splitNames.flatMap((split) => [
      ...labels.map((label) => this.#seen(split, label)),
      ...values.flatMap((value) => this.#strange[split].get(value) ?? []),
    ]);
    const pixels = seen.reduce((n, s) => n + s.pixels, 0);
    const listed = strangers.slice(0, 8).join(', ') + (strangers.length > 8 ? ', …' : '');
    const share = percent(pixels, this.#pixels.train + this.#pixels.val);
    this.#findings.add({
      grade: 'error',
      code: 'label-without-class',
      cause:
        values.length > 0
          ? `values that are no class's: ${listed}, on ${share} of the pixels`
          : `labels that no class has: ${listed}, on ${share} of the pixels; the classes are 0 … ${this.#classes.length - 1}, ignored is ${this.#ignore}`,
      count: seen.reduce((n, s) => n + s.pictures, 0),
      files: seen.flatMap(({ files }) => files),
      remedy: values.some((value) => value.startsWith('rgb'))
        ? 'add the colours to class_dict.csv or labelmap.txt, or to data.colours in the preset'
        : this.#remedyFor(labels),
    });
  }

  /** Labels that nobody names may be no labels. */
  #findNumbered(): void {
    if (this.#named.length > 0 || this.#classes.length === 0) return;
    const used = this.#used().filter((label) => label !== this.#ignore);
    const listed = used.slice(0, 12).join(', ') + (used.length > 12 ? ', …' : '');
    const isSpread = this.#classes.length > 2 * used.length + 2;
    this.#findings.add({
      grade: isSpread ? 'warning' : 'note',
      code: isSpread ? 'labels-far-apart' : 'classes-without-names',
      cause: isSpread
        ? `the labels ${listed} are far apart, as grey levels or colours are`
        : `the folder does not name its classes; there are labels ${listed}`,
      count: used.length,
      remedy: isSpread
        ? 'say which class each is, with class_dict.csv (name,r,g,b) or data.colours in the preset'
        : 'name them in data.classes of the preset',
    });
  }

  /** What labels beyond the classes look like. */
  #remedyFor(strangers: readonly number[]): string {
    const used = this.#used();
    const count = this.#classes.length;
    const isFromOne = strangers.length === 1 && strangers[0] === count && !used.includes(0);
    if (isFromOne) return `the labels count from 1: subtract 1, or name label 0 as the first class`;
    if (strangers.length === 1 && (strangers[0] ?? 0) >= 254)
      return `${strangers[0]} is usual for pixels that are not labelled: set data.ignore to ${strangers[0]}; or, if it is an object in a 0/255 mask, make it label 1`;
    const isSpread = strangers.length <= 16 && strangers.some((label) => label > 2 * count) && used.length <= 2 * count + 2;
    if (isSpread)
      return `these look like grey levels or colours, not labels: name them in data.colours of the preset, or renumber the masks 0 … ${count - 1}`;
    return 'correct the masks, or data.classes and data.ignore in the preset';
  }

  /** Names that differ in their case, or not at all, are probably one class. */
  #findTwice(): void {
    const first = new Map<string, string>();
    for (const [label, name] of this.#named.entries()) {
      const known = first.get(name.toLowerCase());
      if (known !== undefined)
        this.#findings.add({
          grade: 'warning',
          code: 'class-named-twice',
          cause: `two classes have one name: "${known}" and "${name}" (label ${label})`,
          remedy: 'give both one label, or other names',
        });
      first.set(name.toLowerCase(), known ?? name);
    }
  }

  #findIgnored(): void {
    const name = this.#classes[this.#ignore];
    if (name === undefined) return;
    const pixels = this.#seen('train', this.#ignore).pixels + this.#seen('val', this.#ignore).pixels;
    const share = percent(pixels, this.#pixels.train + this.#pixels.val);
    this.#findings.add({
      grade: voidName.test(name) || /^class \d+$/.test(name) ? 'note' : 'warning',
      code: 'ignore-covers-a-class',
      cause: `data.ignore ${this.#ignore} is the label of the class "${name}" (${share} of the pixels): it is neither learnt nor counted`,
      count: 1,
      remedy: `give data.ignore a label that no class has (255), if "${name}" is to be learnt`,
    });
  }

  #findUnlabelled(split: SplitName): void {
    const all = this.#pixels[split];
    if (all === 0) return;
    const labelled = all - this.#seen(split, this.#ignore).pixels;
    const where = split === 'train' ? 'training' : 'validation';
    if (labelled === 0)
      this.#findings.add({
        grade: 'error',
        code: 'nothing-labelled',
        cause: `no pixel of the ${where} masks is labelled: all are ${this.#ignore}, which is ignored`,
        count: this.#seen(split, this.#ignore).pictures,
        files: this.#seen(split, this.#ignore).files,
        remedy: 'correct data.ignore in the preset, or the masks',
      });
    else if (labelled < hardlyLabelled * all)
      this.#findings.add({
        grade: 'warning',
        code: 'hardly-labelled',
        cause: `only ${percent(labelled, all)} of the ${where} pixels are labelled, the rest is ${this.#ignore}, which is ignored`,
        count: this.#seen(split, this.#ignore).pictures,
        files: this.#seen(split, this.#ignore).files,
        remedy: 'correct data.ignore in the preset if that label means something',
      });
  }

  #findAbsent(): void {
    const learnt = this.#classes.map((name, label) => ({ name, label })).filter(({ label }) => label !== this.#ignore);
    const onTrain = learnt.filter(({ label }) => this.#seen('train', label).pixels > 0);
    const ignored = (split: SplitName): string =>
      `${percent(this.#seen(split, this.#ignore).pixels, this.#pixels[split])} of the ${split === 'train' ? 'training' : 'validation'} pixels are ${this.#ignore}, which is ignored`;
    if (onTrain.length === 1 && this.#pixels.train > 0)
      this.#findings.add({
        grade: 'error',
        code: 'one-class-only',
        cause: `every labelled training pixel is "${onTrain[0]?.name}": there is nothing to tell apart (${ignored('train')})`,
        count: 1,
        remedy: `correct the masks, or data.classes and data.ignore: is ${this.#ignore} the label of an object?`,
      });
    // A list that is not looked at says nothing about classes.
    if (splitNames.some((split) => this.#pixels[split] === 0)) return;
    const absent = { nowhere: [] as number[], train: [] as number[], val: [] as number[] };
    for (const { name, label } of learnt) {
      const [train, val] = [this.#seen('train', label), this.#seen('val', label)];
      if (train.pixels === 0) absent[val.pixels === 0 ? 'nowhere' : 'train'].push(label);
      else if (val.pixels === 0) absent.val.push(label);
      else if (train.pixels < rareShare * this.#pixels.train)
        this.#findings.add({
          grade: 'note',
          code: 'rare-class',
          cause: `the class "${name}" is on ${percent(train.pixels, this.#pixels.train)} of the training pixels, in ${train.pictures} picture(s)`,
          files: train.files,
          remedy: 'train.classWeights in the preset give rare classes more weight',
        });
    }
    this.#warnOfAbsent(
      absent.nowhere,
      (labels) => `in no mask (${ignored('train')}): ${labels.length === 1 ? 'it' : 'they'} cannot be learnt`,
      undefined,
      'correct data.classes and data.ignore in the preset, or the masks',
    );
    const move = 'move pictures that show it from one list to the other';
    this.#warnOfAbsent(absent.train, () => 'in no training mask: what is not shown cannot be learnt', 'val', move);
    this.#warnOfAbsent(absent.val, () => 'in no validation mask: it is not measured', 'train', move);
  }

  /** One finding for all of them, by name. @param elsewhere the list that has them */
  #warnOfAbsent(
    labels: readonly number[],
    what: (labels: readonly number[]) => string,
    elsewhere: SplitName | undefined,
    remedy: string,
  ): void {
    if (labels.length === 0) return;
    const named = labels.slice(0, namedClasses).map((label) => {
      const counted = elsewhere === undefined ? '' : `, ${this.#counted(elsewhere, label)}`;
      return `"${this.#classes[label]}" (label ${label}${counted})`;
    });
    const more = labels.length > named.length ? ` and ${labels.length - named.length} more` : '';
    this.#findings.add({
      grade: 'warning',
      code: 'class-without-pixels',
      cause: `${labels.length === 1 ? 'the class' : `${labels.length} classes,`} ${named.join(', ')}${more}${labels.length === 1 ? ' is' : ', are'} ${what(labels)}`,
      count: labels.length,
      files: elsewhere === undefined ? [] : labels.flatMap((label) => this.#seen(elsewhere, label).files),
      remedy,
    });
  }

  #counted(split: SplitName, label: number): string {
    const { pixels, pictures } = this.#seen(split, label);
    return `${pixels} ${split === 'train' ? 'training' : 'validation'} pixels in ${pictures} picture(s)`;
  }
}

function count<K>(seen: Map<K, Seen>, key: K, pixels: number, file: string): void {
  const of = seen.get(key) ?? { pixels: 0, pictures: 0, files: [] };
  of.pixels += pixels;
  of.pictures++;
  if (of.files.length < 3) of.files.push(file);
  seen.set(key, of);
}
