// The curves of strategies as a picture: medians, and the quartiles as bands.

import { quantile } from './statistics.js';

const colours = ['#666666', '#1f77b4', '#2ca02c', '#d62728', '#9467bd', '#ff7f0e', '#8c564b', '#17becf'];
const [width, height] = [760, 440];
const margin = { left: 64, right: 150, top: 16, bottom: 44 };

/** @param curves by strategy: of every seed the reward after 1, 2, … evaluations */
export function figure(curves, note) {
  const longest = Math.max(...[...curves.values()].map((of) => Math.max(...of.map((curve) => curve.length))));
  const counts = [...new Set(Array.from({ length: 81 }, (_, i) => Math.round(10 ** ((i / 80) * Math.log10(longest)))))].filter(
    (n) => n >= Math.min(5, longest),
  );
  const lines = [...curves].map(([name, of]) => {
    const at = (n) => of.map((curve) => curve[Math.min(n, curve.length) - 1]);
    return {
      name,
      points: counts
        .filter((n) => of.some((curve) => curve.length >= n))
        .map((n) => ({ n, quartiles: [0.25, 0.5, 0.75].map((share) => quantile(at(n), share)) })),
    };
  });
  const values = lines.flatMap(({ points }) => points.flatMap(({ quartiles }) => quartiles));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (n) => margin.left + ((width - margin.left - margin.right) * Math.log(n / counts[0])) / Math.log(longest / counts[0] || 2);
  const y = (value) => height - margin.bottom - ((height - margin.top - margin.bottom) * (value - low)) / (high - low || 1);
  const place = (n, value) => `${x(n).toFixed(1)},${y(value).toFixed(1)}`;
  const ticks = [5, 10, 20, 50, 100, 200, 500, 1000, 2000].filter((n) => n >= counts[0] && n <= longest);
  const steps = Array.from({ length: 6 }, (_, i) => low + ((high - low) * i) / 5);
  const parts = [
    ...ticks.map(
      (n) =>
        `<line x1="${x(n)}" x2="${x(n)}" y1="${margin.top}" y2="${height - margin.bottom}" stroke="#eee"/><text x="${x(n)}" y="${height - 26}" text-anchor="middle">${n}</text>`,
    ),
    ...steps.map(
      (value) =>
        `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}" stroke="#eee"/><text x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(3)}</text>`,
    ),
    ...lines.flatMap(({ name, points }, i) => {
      const colour = colours[i % colours.length];
      const band = [
        ...points.map(({ n, quartiles }) => place(n, quartiles[2])),
        ...points.toReversed().map(({ n, quartiles }) => place(n, quartiles[0])),
      ];
      return [
        `<polygon points="${band.join(' ')}" fill="${colour}" opacity="0.12"/>`,
        `<polyline points="${points.map(({ n, quartiles }) => place(n, quartiles[1])).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        `<line x1="${width - margin.right + 12}" x2="${width - margin.right + 34}" y1="${margin.top + 14 + 20 * i}" y2="${margin.top + 14 + 20 * i}" stroke="${colour}" stroke-width="2"/>`,
        `<text x="${width - margin.right + 40}" y="${margin.top + 18 + 20 * i}">${name}</text>`,
      ];
    }),
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 8}" text-anchor="middle">evaluations (${note})</text>`,
    `<text transform="translate(14 ${height / 2}) rotate(-90)" text-anchor="middle">true reward of the best one</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="#fff"/>${parts.join('\n')}</svg>\n`;
}
