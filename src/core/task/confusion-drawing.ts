// A confusion matrix as a picture: rows are the truth, each cell the share of its pixels that was predicted as the column.

import type { ConfusionMatrix } from './segmentation.js';

const cell = 44;
const margin = { left: 120, top: 110, right: 20, bottom: 20 };
const font = 'font-family="Helvetica, Arial, sans-serif" font-size="12"';

/** An SVG document. @param names of the classes */
export function drawConfusion(matrix: ConfusionMatrix, names: readonly string[]): string {
  const k = matrix.classes;
  const parts: string[] = [];
  for (let t = 0; t < k; t++) {
    const row = matrix.counts.subarray(t * k, (t + 1) * k);
    const total = row.reduce((a, b) => a + b, 0);
    const y = margin.top + t * cell;
    parts.push(
      `<text x="${margin.left - 8}" y="${y + cell / 2 + 4}" text-anchor="end" ${font} fill="#222">${escapeXml(names[t] ?? String(t))}</text>`,
    );
    for (let p = 0; p < k; p++) {
      const share = total === 0 ? 0 : (row[p] ?? 0) / total;
      const x = margin.left + p * cell;
      parts.push(
        `<rect x="${x}" y="${y}" width="${cell - 1}" height="${cell - 1}" fill="${shade(share)}"/>`,
        `<text x="${x + cell / 2}" y="${y + cell / 2 + 4}" text-anchor="middle" ${font} fill="${share > 0.5 ? '#fff' : '#333'}">${percent(share)}</text>`,
      );
    }
  }
  for (let p = 0; p < k; p++) {
    const [x, y] = [margin.left + p * cell + cell / 2, margin.top - 8];
    parts.push(`<text x="${x}" y="${y}" transform="rotate(-45 ${x} ${y})" ${font} fill="#222">${escapeXml(names[p] ?? String(p))}</text>`);
  }
  const [width, height] = [margin.left + k * cell + margin.right, margin.top + k * cell + margin.bottom];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`;
}

/** Per cent; nothing for what is next to nothing. */
function percent(share: number): string {
  return share < 0.005 ? '' : String(Math.round(100 * share));
}

/** White to dark blue. */
function shade(share: number): string {
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * Math.sqrt(share));
  return `rgb(${mix(247, 8)},${mix(250, 48)},${mix(253, 107)})`;
}

/** Text for an SVG document. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
