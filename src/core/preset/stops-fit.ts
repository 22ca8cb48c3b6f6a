// Keys of a preset that end candidates early, and what they do not go with.

/** One thing ends candidates within the first stage; and what is best is one number there. */
export function stopsFit({ halving, learningCurveStop, strategy }: { readonly [key: string]: unknown }): string[] {
  if (learningCurveStop === undefined) return [];
  return [
    ...(halving === undefined ? [] : ['halving, learningCurveStop: both end candidates in the first stage; choose one']),
    ...(strategy === 'nsga2' ? ['learningCurveStop: looks at the reward alone, nsga2 at several objectives; leave one of them out'] : []),
  ];
}
