// One live line on a terminal; on anything else, a line only where something was finished.

import { createLogUpdate } from 'log-update';

export class ProgressLine {
  readonly #update = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;

  /** Replaces the live line. */
  show(text: string): void {
    this.#update?.(text);
  }

  /** Writes a line that stays. */
  print(text: string): void {
    this.#update?.clear();
    console.error(text);
  }

  end(): void {
    this.#update?.clear();
    this.#update?.done();
  }
}

/** 75 → 1:15, 3700 → 1:01:40. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}
