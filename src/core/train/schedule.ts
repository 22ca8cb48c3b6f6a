// Learning-rate schedules: a factor on the base rates of encoder and decoder alike.

export type Schedule =
  | { readonly kind: 'constant' }
  /** × factor at the beginning of each listed epoch (counted from 0). */
  | { readonly kind: 'step'; readonly epochs: readonly number[]; readonly factor: number }
  /** From 1 to `floor` along half a cosine. */
  | { readonly kind: 'cosine'; readonly floor: number }
  /** (1 − t)^power, t from 0 to 1 over the training. */
  | { readonly kind: 'polynomial'; readonly power: number };

/** @param step of all steps, from 0 */
export function rateFactor(schedule: Schedule, step: number, stepsPerEpoch: number, epochs: number): number {
  const progress = step / (stepsPerEpoch * epochs);
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step': {
      const epoch = Math.floor(step / stepsPerEpoch);
      return schedule.factor ** schedule.epochs.filter((at) => at <= epoch).length;
    }
    case 'cosine':
      return schedule.floor + ((1 - schedule.floor) * (1 + Math.cos(Math.PI * progress))) / 2;
    case 'polynomial':
      return (1 - progress) ** schedule.power;
  }
}
