// Palettes of masks whose values are the labels: programs that make one anew for each picture (as when it is saved with the fewest
// colours) number the same colours otherwise in each, and what is class 1 in one mask is class 2 in the next.

import type { Finding } from '../data/index.js';
import type { LabelFacts } from './facts.js';

/** More are counted, not named. */
const named = 3;

export class PaletteTally {
  /** The value that a colour was first seen with. */
  readonly #values = new Map<string, number>();
  readonly #files: string[] = [];
  #masks = 0;
  #example = '';

  add(file: string, palette: NonNullable<LabelFacts['palette']>): void {
    // A palette that is a grey scale, or of one colour all over, says nothing.
    if (new Set(palette.map(([, colour]) => colour)).size < palette.length) return;
    this.#masks++;
    const moved = palette.find(([value, colour]) => (this.#values.get(colour) ?? value) !== value);
    if (moved) {
      const [value, colour] = moved;
      this.#example ||= `the colour ${colour} is ${this.#values.get(colour)} in one and ${value} in another`;
      this.#files.push(file);
    }
    for (const [value, colour] of palette) if (!this.#values.has(colour)) this.#values.set(colour, value);
  }

  findings(): Finding[] {
    if (this.#files.length === 0) return [];
    return [
      {
        grade: 'warning',
        code: 'palettes-differ',
        cause: `the palettes of ${this.#files.length} of ${this.#masks} masks number colours otherwise than others do (${this.#example}), and the numbers are taken for the labels`,
        count: this.#files.length,
        files: this.#files.slice(0, named),
        remedy:
          'where the colours are what was drawn, name them in class_dict.csv or data.colours in the preset: then the numbers mean nothing',
      },
    ];
  }
}
