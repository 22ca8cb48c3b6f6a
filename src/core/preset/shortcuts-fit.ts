// Keys of a preset that make candidates cheaper, and what they do not go with.

export interface Shortcuts {
  readonly halving?: unknown;
  readonly learningCurveStop?: unknown;
  readonly inheritance?: { readonly epochs: number } | undefined;
  readonly stage1?: { readonly epochs: number } | undefined;
  readonly stage2?: unknown;
  readonly strategy?: string | undefined;
}

/** Each in a sentence. */
export function shortcutsFit({ halving, learningCurveStop, inheritance, stage1, stage2, strategy }: Shortcuts): string[] {
  const faults: string[] = [];
  if (learningCurveStop !== undefined && halving !== undefined)
    faults.push('halving, learningCurveStop: both end candidates in the first stage; choose one');
  if (learningCurveStop !== undefined && strategy === 'nsga2')
    faults.push('learningCurveStop: looks at the reward alone, nsga2 at several objectives; leave one of them out');
  if (!inheritance) return faults;
  if (stage1 && inheritance.epochs > stage1.epochs)
    faults.push(
      `inheritance.epochs: ${inheritance.epochs} are more than the ${stage1.epochs} of stage1.epochs; who inherits is trained for less`,
    );
  // The second stage changes the encoder too, for which a child's cached outputs are not made.
  if (stage2 !== undefined)
    faults.push('inheritance, stage2: weights that a second stage has changed cannot be inherited; leave one of them out');
  return faults;
}

/** Strategies whose proposals are an architecture before, changed in one decision. */
export const makesChildren = (strategy: string): boolean => ['evolution', 'local', 'predictor'].includes(strategy);
