// The score of every training by epoch, as SVG for a report: what was measured stands where its axes say.

import { escapeXml, metricName } from '../../core/task/index.js';
import type { Trained } from './trainings.js';

const plot = { width: 720, height: 280, left: 50, right: 16, top: 30, bottom: 40 } as const;
/** On the page's paper and on its night, 3:1 at least. */
const colours = ['#3573c4', '#c0562b', '#3a8a4d'] as const;

type Anchor = 'start' | 'middle' | 'end';

function label(x: number, y: number, anchor: Anchor, words: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="12" fill="currentColor">${escapeXml(words)}</text>`;
}

/** Round values from 0 on, about five of them, the last at or beyond `most`. @param isCounted nothing between whole numbers */
export function roundTicks(most: number, isCounted = false): number[] {
  const rough = Math.max(most, Number.MIN_VALUE) / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(isCounted ? 1 : 0, ([1, 2, 5, 10].find((n) => n * magnitude >= rough) ?? 10) * magnitude);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, k) => Number((k * step).toPrecision(12)));
}

/** A line a training, with its number at its end; the genotypes below. */
export function scoreChart(trainings: readonly Trained[], score: string): string {
  const curves = trainings.map(({ history }) =>
    history.flatMap(({ epoch, metrics }) => (metrics?.[score] === undefined ? [] : [{ epoch, value: metrics[score] }])),
  );
  const all = curves.flat();
  if (all.length === 0) return '<p>No epoch was validated.</p>';
  const epochs = roundTicks(Math.max(...all.map(({ epoch }) => epoch)), true);
  const values = roundTicks(Math.max(...all.map(({ value }) => value)));
  const [lastEpoch, top] = [epochs.at(-1) ?? 1, values.at(-1) ?? 1];
  const bottom = plot.height - plot.bottom;
  const x = (epoch: number): number => plot.left + ((plot.width - plot.left - plot.right) * epoch) / lastEpoch;
  const y = (value: number): number => bottom - ((bottom - plot.top) * Math.max(0, value)) / top;
  const drawn = curves.map((points, k) => {
    const colour = colours[k % colours.length] ?? colours[0];
    const places = points.map(({ epoch, value }) => ({ left: x(epoch).toFixed(1), at: y(value).toFixed(1) }));
    const dots = places.map(({ left, at }) => `<circle cx="${left}" cy="${at}" r="3" fill="${colour}"/>`).join('');
    return `<polyline points="${places.map(({ left, at }) => `${left},${at}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
  });
  const grid = values.map((value) => `M${plot.left} ${y(value).toFixed(1)}H${plot.width - plot.right}`).join('');
  const digits = Math.max(0, -Math.floor(Math.log10((values[1] ?? 1) * 1.0000001)));
  const ticks = [
    ...values.map((value) => label(plot.left - 6, y(value) + 4, 'end', value.toFixed(digits))),
    ...epochs.map((epoch) => label(x(epoch), bottom + 16, 'middle', String(epoch))),
    label(4, 14, 'start', metricName(score)),
    label(plot.width - plot.right, plot.height - 6, 'end', 'epoch'),
  ];
  const keys = trainings.map(
    ({ genotype }, k) =>
      `<li><svg width="22" height="10" style="display:inline;min-width:0" aria-hidden="true"><path d="M0 5H22" stroke="${colours[k % colours.length]}" stroke-width="2"/></svg> <code>${escapeXml(genotype)}</code></li>`,
  );
  return `<div class="chart"><svg viewBox="0 0 ${plot.width} ${plot.height}" width="${plot.width}" height="${plot.height}" role="img" aria-label="${escapeXml(metricName(score))} by epoch"><path d="${grid}" stroke="currentColor" opacity="0.2"/>${ticks.join('')}${drawn.join('')}</svg></div><ol style="list-style:none;padding:0">${keys.join('')}</ol>`;
}
