// What a preset's mirror makes of left and right.

import { type Finding, FindingList, type SidePair, unpairedSides } from '../data/index.js';
import type { TaskKeys } from './preset.js';

/** How many names are told. */
const shown = 6;

/** @param names of joints or classes @param pairs of them that change places */
export function sideFindings(preset: TaskKeys, names: readonly string[], pairs: readonly SidePair[]): readonly Finding[] {
  if (!mirrors(preset)) return [];
  const findings = new FindingList();
  const unpaired = unpairedSides(names, pairs);
  if (unpaired.length > 0)
    findings.add({
      grade: 'warning',
      code: 'sides-without-pair',
      cause: `${listed(unpaired)}: ${unpaired.length === 1 ? 'the name says a side' : 'the names say sides'} without a counterpart, and training mirrors pictures: left is learnt as right`,
      count: unpaired.length,
      remedy: 'name the pairs in data.mirrorPairs of the preset ([[a, b], …]), or take mirror out of its framings',
    });
  if (pairs.length > 0) {
    const told = listed(pairs.map(([a, b]) => `${names[a]} and ${names[b]}`));
    findings.add({
      grade: 'note',
      code: 'mirrored-pairs',
      cause: `where pictures are mirrored, these change places: ${told}`,
      count: pairs.length,
      remedy: 'data.mirrorPairs of the preset says it otherwise',
    });
  }
  return findings.list();
}

/** Whether any framing of the preset mirrors. */
function mirrors(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, part]) => (key === 'mirror' && part === true) || mirrors(part));
}

function listed(names: readonly string[]): string {
  return names.length > shown ? `${names.slice(0, shown).join(', ')} and ${names.length - shown} more` : names.join(', ');
}
