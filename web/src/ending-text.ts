import type { EarlyEnding } from '../../src/server/api.js';

/** Why something in a fit went no further. */
export function endingText(ending: EarlyEnding): string {
  return ending === 'time' ? 'time was over' : 'another went on';
}

/** How far it is; of what has ended early not what it was never to reach. */
export function doneText(done: number, total: number, ending: EarlyEnding | null): string {
  return ending === null ? `${done} of ${total}` : `${done}, ${endingText(ending)}`;
}
