// One live line on a terminal; on anything else, a line only where something was finished.

import { createLogUpdate } from 'log-update';

export class ProgressLine {
  // A dumb terminal cannot take a line back.
  readonly #update = process.stderr.isTTY && process.env['TERM'] !== 'dumb' ? createLogUpdate(process.stderr) : undefined;

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

/** What asks a program to end: Ctrl-C, `kill` or a service manager, a terminal that was closed. */
const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C, SIGTERM or SIGHUP stops work after the step in hand; a second one leaves at once. */
export function onInterrupt(progress: ProgressLine): { readonly signal: AbortSignal; readonly release: () => void } {
  const abort = new AbortController();
  const listener = (): void => {
    if (abort.signal.aborted) process.exit(130);
    progress.print('stopping after this step; interrupt again to leave at once');
    abort.abort();
  };
  for (const name of interrupts) process.on(name, listener);
  const release = (): void => {
    for (const name of interrupts) process.off(name, listener);
  };
  return { signal: abort.signal, release };
}
