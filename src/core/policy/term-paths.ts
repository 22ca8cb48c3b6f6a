// A network in its canonical form, walked through: its terms, and the paths from its output to its inputs.

import type { Term, Value } from '../space/index.js';

/** Labels from the output to an input, path by path. */
export function pathsOf(value: Value): string[][] {
  return value.flatMap(({ label, inputs }) => (inputs.length === 0 ? [[label]] : inputs.flatMap(pathsOf).map((path) => [label, ...path])));
}

/** Each once, however many others use it. */
export function termsOf(value: Value, found = new Set<Term>()): ReadonlySet<Term> {
  for (const term of value) {
    if (found.has(term)) continue;
    found.add(term);
    for (const input of term.inputs) termsOf(input, found);
  }
  return found;
}
