/** A curve without axes, in a row of a table. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const [width, height] = [80, 24];
  const most = values.reduce((a, b) => Math.max(a, b), 1e-9);
  const points = values.map((v, i) => `${(i / Math.max(1, values.length - 1)) * width},${height - 1 - (v / most) * (height - 2)}`);
  return (
    <svg width={width} height={height} aria-hidden="true">
      <polyline points={points.join(' ')} className="spark" />
    </svg>
  );
}
