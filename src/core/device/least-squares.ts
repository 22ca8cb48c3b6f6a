// Non-negative least squares, by going round the coordinates: each is set to its best value given the others, or to 0.
//
//   min over t ≥ 0 of Σᵢ (Σⱼ aᵢⱼ tⱼ − bᵢ)² + λ Σⱼ (tⱼ/pⱼ − 1)²

export interface LeastSquares {
  /** Of every equation the columns that it has, with their factors. */
  readonly rows: readonly (readonly (readonly [column: number, factor: number])[])[];
  readonly values: readonly number[];
  /** What each unknown is taken to be where the equations do not say; all above 0. */
  readonly prior: readonly number[];
  /** Weight λ of the prior. */
  readonly ridge: number;
}

const sweeps = 2000;

export function nonNegativeLeastSquares({ rows, values, prior, ridge }: LeastSquares): number[] {
  const columns = prior.map((): [row: number, factor: number][] => []);
  rows.forEach((row, i) => {
    for (const [j, factor] of row) columns[j]?.push([i, factor]);
  });
  const t = [...prior];
  const residual = rows.map((row, i) => row.reduce((sum, [j, factor]) => sum + factor * (t[j] ?? 0), 0) - (values[i] ?? 0));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let change = 0;
    columns.forEach((column, j) => {
      const [old, p] = [t[j] ?? 0, prior[j] ?? 1];
      // Half the derivative and half the curvature along tⱼ.
      const slope = column.reduce((sum, [i, factor]) => sum + factor * (residual[i] ?? 0), 0) + (ridge * (old / p - 1)) / p;
      const curvature = column.reduce((sum, [, factor]) => sum + factor * factor, 0) + ridge / (p * p);
      const now = Math.max(0, old - slope / curvature);
      if (now === old) return;
      for (const [i, factor] of column) residual[i] = (residual[i] ?? 0) + factor * (now - old);
      t[j] = now;
      change = Math.max(change, Math.abs(now - old) / p);
    });
    if (change < 1e-9) break;
  }
  return t;
}
