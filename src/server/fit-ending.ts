// Why what lies in a fit has ended before what its own preset asks for: a fit ends its search and its trainings by the clock.

import { readState } from '../library/fit/fit-state.js';
import type { EarlyEnding, ListedRun, ListEntry } from './api.js';

/** What a fit has behind it; nothing where it cannot be read. */
export async function endedIn(fit: string): Promise<{ readonly searched: boolean; readonly trained: boolean }> {
  return readState(fit).catch(() => ({ searched: false, trained: false }));
}

/** @param parts of one fit @returns them, each with why it has ended early */
export function withEndings(parts: readonly ListEntry[]): ListEntry[] {
  const trainings = parts.flatMap((part) => (part.state !== 'damaged' && part.kind === 'training' ? [part] : []));
  const top = Math.max(...trainings.map(scoreOf));
  // The best of them goes on alone, the first where several are as good.
  const best = trainings.find((training) => scoreOf(training) === top);
  const endingOf = (part: ListedRun): EarlyEnding | null => {
    if (part.state !== 'finished' || part.done >= part.total) return null;
    return part.kind === 'training' && part.run !== best?.run ? 'left behind' : 'time';
  };
  return parts.map((part) => (part.state === 'damaged' ? part : { ...part, ending: endingOf(part) }));
}

function scoreOf({ best }: ListedRun): number {
  return best?.value ?? Number.NEGATIVE_INFINITY;
}
