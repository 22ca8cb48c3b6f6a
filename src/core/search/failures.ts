// Why candidates failed, counted.

import type { Trial } from './trial.js';

/** `3 failed: 2 × the loss became NaN at step 3 of 10 …`, the most frequent first; undefined where none did. Reasons that differ in numbers only are one. */
export function failureSummary(trials: readonly Trial[]): string | undefined {
  const reasons = new Map<string, { readonly example: string; count: number }>();
  for (const { error } of trials) {
    if (error === undefined) continue;
    const kind = error.replaceAll(/\d+(\.\d+)?/g, '#');
    const known = reasons.get(kind);
    if (known) known.count++;
    else reasons.set(kind, { example: error, count: 1 });
  }
  if (reasons.size === 0) return undefined;
  const sorted = [...reasons.values()].toSorted((a, b) => b.count - a.count);
  const total = sorted.reduce((n, { count }) => n + count, 0);
  const lines = sorted.map(({ example, count }) => `  ${count} × ${example}${count > 1 ? ' (or the like)' : ''}`);
  return [`${total} of ${trials.length} architectures failed:`, ...lines].join('\n');
}
