// Photographs, added up: sizes, what their files have of orientation, alpha and bits, and which ones are the same.

import { FindingList } from '../data/index.js';
import type { SplitCard, SplitName } from './data-card.js';
import type { PictureFacts } from './facts.js';

/** Sizes that a card lists. */
const listedSizes = 5;

export class PictureTally {
  readonly #sizes = { train: new Map<string, number>(), val: new Map<string, number>() };
  readonly #first = new Map<string, { readonly file: string; readonly split: SplitName }>();
  readonly #files = { train: new Set<string>(), val: new Set<string>() };
  readonly #samples = { train: 0, val: 0 };
  readonly #oneColour: string[] = [];
  readonly #findings = new FindingList();

  /** @param facts absent where the picture was told before, or cannot be read */
  add(split: SplitName, file: string, facts: PictureFacts | undefined): void {
    this.#samples[split]++;
    const isNew = !this.#files[split].has(file);
    this.#files[split].add(file);
    if (!facts || !isNew) return;
    const size = `${facts.width}×${facts.height}`;
    this.#sizes[split].set(size, (this.#sizes[split].get(size) ?? 0) + 1);
    this.#compare(split, file, facts);
    if (facts.isOneColour) this.#oneColour.push(file);
    this.#storage(file, facts);
  }

  #compare(split: SplitName, file: string, { content }: PictureFacts): void {
    const known = this.#first.get(content);
    if (!known) {
      this.#first.set(content, { file, split });
      return;
    }
    const files = [known.file, file];
    // A file that is listed twice was noticed when the lists were read.
    if (known.file === file) return;
    if (known.split !== split)
      this.#findings.add({
        grade: 'warning',
        code: 'same-picture-in-both-splits',
        cause: 'pictures of the training list are in the validation list too, by their pixels, so that validation measures memory',
        files,
        remedy: 'take them out of one of the lists',
      });
    else
      this.#findings.add({
        grade: 'warning',
        code: 'same-picture-twice',
        cause: `pictures of the ${split === 'train' ? 'training' : 'validation'} list are there more than once, by their pixels`,
        files,
        remedy: 'keep one of them',
      });
  }

  #storage(file: string, { orientation, hasAlpha, bits, channels, pages }: PictureFacts): void {
    if (orientation > 1)
      this.#findings.add({
        grade: 'note',
        code: 'turned-by-exif',
        cause: 'pictures are stored turned and say so in EXIF; they are read upright, as a viewer shows them',
        files: [file],
        remedy: 'nothing is to be done where masks, joints and boxes are as displayed',
      });
    if (hasAlpha)
      this.#findings.add({
        grade: 'note',
        code: 'alpha',
        cause: 'pictures have an alpha channel; their colours are read and alpha is not',
        files: [file],
        remedy: 'data.background in the preset lays them over a colour',
      });
    if (bits > 8)
      this.#findings.add({
        grade: 'note',
        code: 'more-than-8-bits',
        cause: `pictures have ${bits} bits a channel; they are read with 8`,
        files: [file],
        remedy: 'nothing is to be done where they look right in the samples',
      });
    if (pages > 1)
      this.#findings.add({
        grade: 'note',
        code: 'several-pages',
        cause: 'pictures have several pages or frames; the first is read',
        files: [file],
        remedy: 'save the others as pictures of their own, if they are wanted',
      });
    const colours = channels - (hasAlpha ? 1 : 0);
    if (colours > 3)
      this.#findings.add({
        grade: 'warning',
        code: 'more-than-three-channels',
        cause: `pictures have ${colours} channels; the network sees red, green and blue`,
        files: [file],
        remedy: 'look at the samples, and convert the pictures where their colours are wrong',
      });
  }

  findings(): ReturnType<FindingList['list']> {
    const pictures = [...Object.values(this.#sizes)].reduce((n, sizes) => n + sum(sizes.values()), 0);
    if (this.#oneColour.length > 0) {
      const isAll = this.#oneColour.length === pictures;
      this.#findings.add({
        grade: isAll ? 'error' : 'warning',
        code: 'one-colour',
        cause: isAll ? 'every picture is of one colour once it is read' : 'pictures are of one colour once they are read',
        count: this.#oneColour.length,
        files: this.#oneColour.slice(0, 3),
        remedy: 'open them in a viewer: they are empty, or hold values that a photograph does not have; replace them or take them out',
      });
    }
    return this.#findings.list();
  }

  split(name: SplitName): SplitCard {
    const sizes = [...this.#sizes[name]]
      .map(([text, pictures]) => {
        const [width = 0, height = 0] = text.split('×').map(Number);
        return { width, height, pictures };
      })
      .toSorted((a, b) => b.pictures - a.pictures || a.width - b.width || a.height - b.height);
    return {
      name,
      samples: this.#samples[name],
      pictures: this.#files[name].size,
      sizes: sizes.slice(0, listedSizes),
      otherSizes: Math.max(0, sizes.length - listedSizes),
    };
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
