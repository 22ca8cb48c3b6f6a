// What long work tells as it goes.

export interface Reporter {
  /** How far it is; replaces what was shown before. */
  show(text: string): void;
  /** A line that stays: a note, a warning. */
  print(text: string): void;
}

/** Nobody listens. */
export const silent: Reporter = { show: () => {}, print: () => {} };
