// What a search can want at once.

/** What is known of an architecture beside its reward. */
export interface Costs {
  readonly parameters: number;
  /** For one image. */
  readonly multiplyAdds: number;
  /** Milliseconds for one image, where it is measured. */
  readonly latency?: number | undefined;
  /** Of the deployed model's file, where that is asked for. */
  readonly modelBytes?: number | undefined;
}

/** Reward is to be large, all others small. */
export type Objective = 'reward' | keyof Costs;

/** One number an objective, all to be small. @throws RangeError naming the objective that was not measured */
export function objectiveValues(chosen: readonly Objective[], reward: number, costs: Partial<Costs>): number[] {
  return chosen.map((objective) => {
    if (objective === 'reward') return -reward;
    const value = costs[objective];
    if (value === undefined) throw new RangeError(`the objective ${objective} was not measured`);
    return value;
  });
}
