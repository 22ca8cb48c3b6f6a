// The parts of NSGA-II (K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II",
// IEEE Transactions on Evolutionary Computation 6, 2002): fast non-dominated sorting (section III.A), crowding distance
// (III.B) and domination under constraints (VI.A). All objectives are minimised.

export interface Solution {
  readonly objectives: readonly number[];
  /** By how much constraints are violated; 0: feasible. */
  readonly violation: number;
}

/** a is nowhere worse than b, and somewhere better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, m) => value <= (b[m] ?? value)) && a.some((value, m) => value < (b[m] ?? value));
}

/** Definition 1: the feasible before the infeasible; of two infeasible ones the one that violates less; of two feasible ones the dominating. */
export function constrainedDominates(a: Solution, b: Solution): boolean {
  if (a.violation > 0 || b.violation > 0) return a.violation < b.violation;
  return dominates(a.objectives, b.objectives);
}

/** The fronts, best first, as indices: nobody of front k is dominated but by those of the fronts before. */
export function fastNonDominatedSort(solutions: readonly Solution[]): number[][] {
  /** S_p: whom p dominates; n_p: how many dominate p. */
  const dominated = solutions.map((p) => solutions.flatMap((q, i) => (constrainedDominates(p, q) ? [i] : [])));
  const count = solutions.map(() => 0);
  for (const i of dominated.flat()) count[i] = (count[i] ?? 0) + 1;
  const fronts: number[][] = [];
  let front = count.flatMap((n, p) => (n === 0 ? [p] : []));
  while (front.length > 0) {
    fronts.push(front);
    const next: number[] = [];
    for (const q of front.flatMap((p) => dominated[p] ?? [])) {
      const left = (count[q] ?? 0) - 1;
      count[q] = left;
      if (left === 0) next.push(q);
    }
    front = next.toSorted((a, b) => a - b);
  }
  return fronts;
}

/** Of each of a front: the sum over objectives of the gap between its two neighbours, as a share of the front's range; Infinity at the ends. */
export function crowdingDistance(front: readonly Solution[]): number[] {
  const distance = front.map(() => 0);
  const [first] = front;
  for (let m = 0; m < (first?.objectives.length ?? 0); m++) {
    const value = (i: number | undefined): number => front[i ?? -1]?.objectives[m] ?? 0;
    const order = front.map((_, i) => i).toSorted((a, b) => value(a) - value(b));
    const range = value(order.at(-1)) - value(order[0]);
    order.forEach((i, k) => {
      const isEnd = k === 0 || k === order.length - 1;
      const gap = range > 0 ? (value(order[k + 1]) - value(order[k - 1])) / range : 0;
      distance[i] = isEnd ? Number.POSITIVE_INFINITY : (distance[i] ?? 0) + gap;
    });
  }
  return distance;
}

export interface Ranked<T> {
  readonly solution: T;
  /** The front's number, from 0. */
  readonly rank: number;
  readonly distance: number;
}

/** Crowded comparison: the lower rank, and of one rank the less crowded. */
export function isBetter(a: Ranked<unknown>, b: Ranked<unknown>): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.distance > b.distance);
}

/** The best so many: whole fronts as long as they fit, of the next one the least crowded. */
export function selectBest<T extends Solution>(solutions: readonly T[], count: number): Ranked<T>[] {
  const ranked = fastNonDominatedSort(solutions).flatMap((indices, rank) => {
    const front = indices.flatMap((i) => solutions[i] ?? []);
    const distances = crowdingDistance(front);
    return front
      .map((solution, i): Ranked<T> => ({ solution, rank, distance: distances[i] ?? 0 }))
      .toSorted((a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0));
  });
  return ranked.slice(0, count);
}
