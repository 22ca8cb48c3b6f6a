// What a profile does not know: a table of an earlier version lacks pieces that networks are cut into today, and would predict them by
// rates without a word.

import type { Random } from '../random/index.js';
import { cutNetwork, type PieceSetting } from './pieces.js';
import { randomGenotype, type SpaceDims } from './probes.js';
import type { DeviceProfile } from './profile.js';

/** Enough to meet nearly every piece that a search asks for. */
const looks = 16;

/**
 * For people: how many of the pieces of architectures drawn at random have no time in the table; undefined where all have one.
 * @param source of the profile
 */
export function unmeasuredNote(
  profile: Pick<DeviceProfile, 'pieces'>,
  setting: PieceSetting,
  space: SpaceDims,
  source: string,
  random: Random,
): string | undefined {
  const names = new Set<string>();
  for (let k = 0; k < looks; k++) for (const { name } of cutNetwork(randomGenotype(space, random), setting).pieces) names.add(name);
  const unknown = [...names].filter((name) => !Object.hasOwn(profile.pieces, name));
  const [example] = unknown;
  if (example === undefined) return undefined;
  return `note: ${source} has no time of ${unknown.length} of ${names.size} kinds of pieces (${example}${unknown.length > 1 ? ', …' : ''}), whose latency is estimated from others; measure the device again with this version`;
}
