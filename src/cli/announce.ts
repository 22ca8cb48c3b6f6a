// Says where a page is, for the device that is to open it: its addresses, and the first of them as a code to photograph.

import { renderUnicodeCompact } from 'uqr';
import { isLoopback } from '../server/security.js';
import { reachableUrls } from '../server/reachable.js';

/**
 * What to print.
 * @param hint stands behind the first address
 * @param isTerminal whether people see it: a code is nothing for a log
 */
export function announcement(url: string, hint: string, isTerminal = process.stdout.isTTY === true): string {
  const [first = url, ...others] = reachableUrls(url);
  const lines = [`${first}  ${hint}`, ...others];
  // A phone cannot reach this machine's own address.
  if (isTerminal && !isLoopback(new URL(first).hostname.replace(/^\[|\]$/g, ''))) lines.push('', renderUnicodeCompact(first), '');
  return lines.join('\n');
}
