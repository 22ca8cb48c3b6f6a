// A reward that latency is part of (MnasNet, arXiv 1807.11626, eq. 2): r · (latency / T)^w.

export interface SoftLatency {
  /** T, in milliseconds. */
  readonly target: number;
  /** w, at most 0: with −0.07 a network of twice the latency loses 5 % of its reward. */
  readonly exponent: number;
}

/** @param latency in milliseconds */
export function softReward(reward: number, latency: number, { target, exponent }: SoftLatency): number {
  return reward * (latency / target) ** exponent;
}
