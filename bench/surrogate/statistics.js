// What the benchmark of strategies says of numbers.

/** By linear interpolation between the two nearest. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (at - Math.floor(at)) * (high - low);
}

export function deviation(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((n, value) => n + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Kendall's τ-b. */
export function kendallTau(xs, ys) {
  let [concordant, discordant, tiedX, tiedY] = [0, 0, 0, 0];
  for (let i = 0; i < xs.length; i++)
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [Math.sign(xs[i] - xs[j]), Math.sign(ys[i] - ys[j])];
      if (dx === 0 && dy === 0) continue;
      if (dx === 0) tiedX++;
      else if (dy === 0) tiedY++;
      else if (dx === dy) concordant++;
      else discordant++;
    }
  const untied = concordant + discordant;
  return (concordant - discordant) / Math.sqrt((untied + tiedX) * (untied + tiedY));
}

/** Share of the variance of `truth` that is explained. */
export function rSquared(truth, predicted) {
  const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
  const rest = truth.reduce((n, value, i) => n + (value - predicted[i]) ** 2, 0);
  return 1 - rest / truth.reduce((n, value) => n + (value - mean) ** 2, 0);
}

/** Mann–Whitney's U, two-sided, by the normal approximation with ties and a correction for continuity: how likely so large a difference is by chance. */
export function mannWhitney(a, b) {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))].sort(
    (x, y) => x.value - y.value,
  );
  let [rankSum, ties] = [0, 0];
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end].value === all[start].value) end++;
    const size = end - start;
    const rank = (start + 1 + end) / 2;
    rankSum += rank * all.slice(start, end).filter(({ first }) => first).length;
    ties += size ** 3 - size;
    start = end;
  }
  const n = a.length + b.length;
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const spread = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))));
  if (spread === 0) return 1;
  const z = Math.max(0, Math.abs(u - (a.length * b.length) / 2) - 0.5) / spread;
  return Math.min(1, 2 * (1 - normal(z)));
}

/** Φ by Abramowitz and Stegun 7.1.26: within 1.5e-7. */
function normal(z) {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 1 - (series * Math.exp(-x * x)) / 2;
}
