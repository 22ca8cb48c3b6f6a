// Which runs are compared, and in what colour each: in the address, a run by the number of its colour (`c0=mine&c2=other`), so that a
// run keeps its colour when another is added or leaves.

import type { KeyEntry } from './chart-key';

const colours = 6;

export interface Compared {
  readonly run: string;
  readonly slot: number;
}

/** In the order of their colours. */
export function comparedIn(chosen: URLSearchParams): Compared[] {
  return [...chosen]
    .flatMap(([key, run]) => (/^c\d+$/.test(key) ? [{ run, slot: Number(key.slice(1)) }] : []))
    .toSorted((a, b) => a.slot - b.slot);
}

/** What changes in the address when a run is added, or leaves. */
export function toggled(compared: readonly Compared[], run: string): Readonly<Record<string, string | undefined>> {
  const known = compared.find((one) => one.run === run);
  if (known) return { [`c${known.slot}`]: undefined };
  const taken = new Set(compared.map(({ slot }) => slot));
  let free = 0;
  while (taken.has(free)) free++;
  return { [`c${free}`]: run };
}

/** More runs than colours: the second of a colour is dashed. */
export function signOf(slot: number): Pick<KeyEntry, 'colour' | 'mark'> {
  return { colour: `c${slot % colours}`, mark: slot < colours ? 'line' : 'dashed' };
}
