// Which of its options `device` reads in each of the ways in which it measures: what is not read is refused, not passed over.

import { UserError } from '../core/errors/index.js';
import { flagOf } from './flag.js';

const setting = ['preset', 'encoderWeights', 'size', 'seconds'] as const;
const networks = ['of', 'best', 'with', 'seconds'] as const;
const server = ['host', 'port', 'allowHost'] as const;

/** By what is said of it. */
const ways = {
  'where a page measures': [...setting, ...server, 'output', 'overwrite'],
  'with --here': [...setting, 'here', 'output', 'overwrite', 'threads', 'statistic', 'clock'],
  'with --static': [...setting, 'static', 'overwrite'],
  'with --of, whose networks a page times': [...networks, ...server],
  'with --of and --here': [...networks, 'here', 'threads'],
  'with --of and --static': [...networks, 'static', 'overwrite'],
  'with --from, which only takes the file to the search': ['of', 'from'],
} as const;

type Way = keyof typeof ways;
type Name = (typeof ways)[Way][number];
export type DeviceOptions = { readonly [K in Name]?: unknown };

function wayOf({ of, from, static: folder, here }: DeviceOptions): Way {
  if (of === undefined) return folder !== undefined ? 'with --static' : here ? 'with --here' : 'where a page measures';
  if (from !== undefined) return 'with --from, which only takes the file to the search';
  return folder !== undefined ? 'with --of and --static' : here ? 'with --of and --here' : 'with --of, whose networks a page times';
}

/** What commander says unless the user does. */
const usualHost = '127.0.0.1';

/** @throws UserError naming what is given and would be passed over */
export function refuseUnread(options: DeviceOptions): void {
  const way = wayOf(options);
  const read: ReadonlySet<string> = new Set(ways[way]);
  const unread = Object.entries(options).filter(
    ([name, value]) => !read.has(name) && value !== undefined && value !== false && !(name === 'host' && value === usualHost),
  );
  const flags = unread.map(([name]) => (name === 'output' ? '-o' : flagOf(name)));
  if (flags.length > 0) throw new UserError(`${flags.join(', ')}: not read ${way}; leave out what is not read`);
}
