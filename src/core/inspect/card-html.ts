// A card as one HTML file that needs no network: what was read, a few samples, what is wrong.

import { dataAddress } from './data-address.js';
import { labelColour } from '../data/index.js';
import { countsText, truthRows } from './card-text.js';
import type { DataCard } from './data-card.js';
import type { SamplePicture } from './sample-pictures.js';

const style = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 68rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
i.swatch { display: inline-block; width: .9em; height: .9em; border: 1px solid var(--line); vertical-align: -.1em; margin-right: .4em; }
.finding { border-left: 4px solid; padding: .4rem .8rem; margin: .5rem 0; background: var(--soft); overflow-wrap: anywhere; }
.error { border-color: #d33; } .warning { border-color: #d90; } .note { border-color: #48c; }
.finding b { text-transform: uppercase; font-size: .75rem; letter-spacing: .05em; } .finding ul { margin: .2rem 0; padding-left: 1.2rem; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; } figure div { display: flex; gap: 2px; } figure img { width: 50%; height: auto; }
figcaption { font-size: .85rem; overflow-wrap: anywhere; }
`;

export function cardHtml(card: DataCard, samples: readonly SamplePicture[]): string {
  const { folder, layout, task, splits, findings, truth } = card;
  const [head = [], ...rows] = truthRows(card);
  const swatch = (row: readonly string[]): string => {
    if (truth.kind !== 'masks') return '';
    const label = Number(row[0]);
    const classes = truth.labels.filter(({ isClass }) => isClass).length;
    return `<i class="swatch" style="background: rgb(${(label < classes ? labelColour(label) : [255, 255, 255]).join(' ')})"></i>`;
  };
  const cells = (row: readonly string[], tag: 'th' | 'td'): string =>
    row.map((cell, c) => `<${tag}>${c === 0 && tag === 'td' ? swatch(row) : ''}${escaped(cell)}</${tag}>`).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(folder)}: data card</title>
<style>${style}</style>
<h1>${escaped(folder)}</h1>
<p>${escaped(layout)}, for ${task}: ${splits.map(({ name, samples: n, pictures }) => `${n === pictures ? '' : `${n} people in `}${pictures} pictures to ${name === 'train' ? 'train' : 'validate'} on`).join(', ')}.
${countsText(card)}.</p>
<h2>Findings</h2>
${findings.length === 0 ? '<p>Nothing that would go wrong was found.</p>' : findings.map(findingHtml).join('\n')}
<h2>What is labelled</h2>
<div class="wide"><table><tr>${cells(head, 'th')}</tr>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</table></div>
<h2>Sizes of the pictures</h2>
<div class="wide"><table><tr><th>list</th><th>size</th><th>pictures</th></tr>${splits.map(sizesHtml).join('')}</table></div>
<h2>Samples</h2>
<div class="samples">${samples.map(sampleHtml).join('\n')}</div>
</html>
`;
}

function findingHtml({ grade, cause, count, files, remedy }: DataCard['findings'][number]): string {
  const listed = files.length === 0 ? '' : `<ul>${files.map((file) => `<li>${escaped(file)}</li>`).join('')}</ul>`;
  return `<div class="finding ${grade}"><b>${grade}</b>${count > 1 ? ` (${count})` : ''}: ${escaped(cause)}${listed} → ${escaped(remedy)}</div>`;
}

function sizesHtml({ name, sizes, otherSizes }: DataCard['splits'][number]): string {
  const rows = sizes.map(({ width, height, pictures }) => [name, `${width}×${height}`, String(pictures)]);
  const more = otherSizes > 0 ? [[name, `${otherSizes} more sizes`, '']] : [];
  return [...rows, ...more].map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('');
}

function sampleHtml({ split, file, pictures }: SamplePicture): string {
  const shown =
    typeof pictures === 'string'
      ? `<p>${escaped(pictures)}</p>`
      : `<div>${pictures.map((jpeg, k) => `<img alt="${k === 0 ? 'photograph' : 'what is known of it'}" src="${dataAddress('image/jpeg', jpeg)}">`).join('')}</div>`;
  return `<figure>${shown}<figcaption>${split}: ${escaped(file)}</figcaption></figure>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c);
}
