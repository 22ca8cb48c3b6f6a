// Masks, added up: on how many pixels and pictures each label is, and what that says of the classes.

import { type Finding, FindingList, type MaskLabelling } from '../data/index.js';
import { type MasksCard, percent, type SplitName, splitNames } from './data-card.js';
import type { LabelFacts, PictureFacts } from './facts.js';

interface Seen {
  pixels: number;
  pictures: number;
  readonly files: string[];
}

/** Less of a split than this is labelled: probably not what was meant. */
const hardlyLabelled = 0.01;
/** A class on less of the training pixels than this is rare. */
const rareShare = 0.001;
/** Names that say a label is not a class. */
const voidName = /^(void|unlabel?led|ignored?|unknown|undefined|none|don'?t[ _-]?care|background|other)$/i;

export class MaskTally {
  readonly #classes: readonly string[];
  readonly #ignore: number;
  readonly #labels = { train: new Map<number, Seen>(), val: new Map<number, Seen>() };
  readonly #pixels = { train: 0, val: 0 };
  readonly #findings = new FindingList();

  constructor({ classes, ignore }: MaskLabelling) {
    this.#classes = classes;
    this.#ignore = ignore;
  }

  add(split: SplitName, file: string, { width, height, counts }: LabelFacts, picture: PictureFacts | undefined, image: string): void {
    if (picture && (picture.width !== width || picture.height !== height)) {
      const sameShape = Math.abs(picture.width / picture.height - width / height) < 0.01;
      this.#findings.add({
        grade: 'error',
        code: 'mask-of-another-size',
        cause: 'masks are of another size than their pictures',
        files: [`${file} is ${width}×${height}, ${image} is ${picture.width}×${picture.height}`],
        remedy: sameShape
          ? 'give masks and pictures one size (nearest neighbour for masks)'
          : 'they may be paired wrongly, or stored lying on their side: correct the list, or the files',
      });
    }
    this.#pixels[split] += width * height;
    for (const [label, pixels] of counts) {
      const seen = this.#labels[split].get(label) ?? { pixels: 0, pictures: 0, files: [] };
      seen.pixels += pixels;
      seen.pictures++;
      if (seen.files.length < 3) seen.files.push(file);
      this.#labels[split].set(label, seen);
    }
  }

  #seen(split: SplitName, label: number): Seen {
    return this.#labels[split].get(label) ?? { pixels: 0, pictures: 0, files: [] };
  }

  /** Labels in the masks that are neither a class nor ignored, of both splits. */
  #strangers(): number[] {
    const all = new Set(splitNames.flatMap((split) => [...this.#labels[split].keys()]));
    return [...all].filter((label) => label >= this.#classes.length && label !== this.#ignore).toSorted((a, b) => a - b);
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
        isIgnored: label === this.#ignore,
        train: figures('train', label),
        val: figures('val', label),
      })),
      ignore: this.#ignore,
      pixels: this.#pixels,
    };
  }

  findings(): Finding[] {
    this.#findStrangers();
    this.#findIgnored();
    for (const split of splitNames) this.#findUnlabelled(split);
    this.#findAbsent();
    return this.#findings.list();
  }

  #findStrangers(): void {
    const strangers = this.#strangers();
    if (strangers.length === 0) return;
    const seen = strangers.flatMap((label) => splitNames.map((split) => this.#seen(split, label)));
    const pixels = seen.reduce((n, s) => n + s.pixels, 0);
    const all = this.#pixels.train + this.#pixels.val;
    const top = this.#classes.length - 1;
    const listed = strangers.slice(0, 8).join(', ') + (strangers.length > 8 ? ', …' : '');
    this.#findings.add({
      grade: 'error',
      code: 'label-without-class',
      cause: `labels that no class has: ${listed}, on ${percent(pixels, all)} of the pixels; the classes are 0 … ${top}, ignored is ${this.#ignore}`,
      count: seen.reduce((n, s) => n + s.pictures, 0),
      files: seen.flatMap(({ files }) => files),
      remedy: this.#remedyFor(strangers),
    });
  }

  /** What labels beyond the classes look like. */
  #remedyFor(strangers: readonly number[]): string {
    const used = [...new Set(splitNames.flatMap((split) => [...this.#labels[split].keys()]))].toSorted((a, b) => a - b);
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
    for (const { name, label } of learnt) {
      const [train, val] = [this.#seen('train', label), this.#seen('val', label)];
      if (train.pixels > 0 && val.pixels > 0) {
        if (train.pixels < rareShare * this.#pixels.train)
          this.#findings.add({
            grade: 'note',
            code: 'rare-class',
            cause: `the class "${name}" is on ${percent(train.pixels, this.#pixels.train)} of the training pixels, in ${train.pictures} picture(s)`,
            files: train.files,
            remedy: 'train.classWeights in the preset give rare classes more weight',
          });
        continue;
      }
      const nowhere = train.pixels === 0 && val.pixels === 0;
      const where = nowhere ? 'in no mask' : train.pixels === 0 ? 'in no training mask' : 'in no validation mask';
      const elsewhere = nowhere ? ` (${ignored('train')})` : ` (${this.#counted(train.pixels === 0 ? 'val' : 'train', label)})`;
      this.#findings.add({
        grade: 'warning',
        code: 'class-without-pixels',
        cause: `the class "${name}" (label ${label}) is ${where}${elsewhere}: it ${train.pixels === 0 ? 'cannot be learnt' : 'is not measured'}`,
        count: 1,
        files: nowhere ? [] : this.#seen(train.pixels === 0 ? 'val' : 'train', label).files,
        remedy: nowhere
          ? 'correct data.classes and data.ignore in the preset, or the masks'
          : 'move pictures that show it from one list to the other',
      });
    }
  }

  #counted(split: SplitName, label: number): string {
    const { pixels, pictures } = this.#seen(split, label);
    return `in ${split === 'train' ? 'training' : 'validation'} ${pixels} pixels of ${pictures} picture(s)`;
  }
}
