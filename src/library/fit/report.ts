// A fit as one HTML file that needs no network: the data, what was searched, the network, how it was trained, what it is worth.

import path from 'node:path';
import { formatFinding, labelColour } from '../../core/data/index.js';
import type { DataCard } from '../../core/inspect/index.js';
import type { Trial } from '../../core/search/index.js';
import { drawArchitecture, formatArchitecture, formatGenotype, genotypeFromJson } from '../../core/space/index.js';
import { escapeXml, hasClasses, headline, type MapSize, metricName, type TaskDescription } from '../../core/task/index.js';
import { formatDuration } from '../duration.js';
import { isOfFewImages } from './bootstrap.js';
import type { FitResults, ListFigures } from './results.js';
import { scoreChart } from './score-chart.js';
import type { Trained } from './trainings.js';

export interface ReportContent {
  /** Commands, as they work for whoever fitted. */
  readonly waysOn: readonly string[];
  readonly version: string;
  /** ISO. */
  readonly date: string;
  /** Processor and system. */
  readonly machine: string;
  /** YAML. */
  readonly preset: string;
  readonly card: DataCard;
  readonly seed: number;
  /** Given, and taken so far. */
  readonly seconds: { readonly given: number; readonly spent: number };
  readonly trials: readonly Trial[];
  readonly trainings: readonly Trained[];
  readonly results: FitResults;
}

const style = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 68rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
pre { background: var(--soft); padding: .6rem .8rem; overflow-x: auto; } code { overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figure div { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; } figure img { width: 100%; height: auto; }
ul.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; } .legend i { display: inline-block; width: .9em; height: .9em; border: 1px solid var(--line); }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; } table + p, .wide + .wide { margin-top: 1rem; }
.drawing, .chart { overflow-x: auto; } .drawing { background: #fff; } svg { display: block; min-width: 34rem; max-width: 100%; height: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; } dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } svg { min-width: 0; } figure, .chart, tr { break-inside: avoid; } h2 { break-after: avoid; } pre { white-space: pre-wrap; } * { print-color-adjust: exact; } }
`;

/** Where the headings lead, in their order. */
function contents(hasWaysOn: boolean): string {
  const parts = [
    ['worth', 'What it is worth'],
    ['sees', 'What it sees'],
    ['network', 'The network'],
    ['search', 'The search'],
    ['trainings', 'The trainings'],
    ['data', 'The data'],
    ...(hasWaysOn ? [['on', 'How to go on']] : []),
    ['preset', 'The preset'],
  ];
  return `<nav aria-label="contents"><ul>${parts.map(([id, name]) => `<li><a href="#${id}">${name}</a></li>`).join('')}</ul></nav>`;
}

function facts(told: readonly (readonly [string, string])[]): string {
  return `<dl>${told.map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`).join('')}</dl>`;
}

function firstStageText(trainings: readonly Trained[]): string {
  const epochs = trainings.map(({ history }) => history.filter(({ stage }) => stage === 1).length);
  const first = `Epochs of the decoder alone, on outputs of the encoder that were computed once, come first (${epochs.join(' and ')})`;
  return trainings.length > 1 ? `${first}; with the best of ${trainings.length} it goes on as a whole network.` : `${first}.`;
}

export function fitReport(content: ReportContent): string {
  const { card, trials, trainings, results, seconds, seed, version, date, machine, preset, waysOn } = content;
  const { figures, network, shown } = results;
  const { genotype } = network.description;
  const { predicted } = figures;
  const name = path.basename(path.resolve(card.folder));
  const scored = trials.filter(({ error }) => error === undefined).toSorted((a, b) => b.reward - a.reward);
  const warnings = card.findings.filter(({ grade }) => grade !== 'note').map((finding) => formatFinding(finding));
  const counts = card.splits.map(({ name, samples }) => `${samples} to ${name === 'train' ? 'train' : 'validate'} on`).join(', ');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(name)}: fit</title>
<style>${style}</style>
<h1>${text(name)}: ${text(headlineText(figures.metrics))}</h1>
<p>A network for ${card.task}, searched and trained.</p>
${facts([
  ['data', `${card.folder} (${card.layout}; ${counts})`],
  ['preset', 'made for this data or given; it stands at the end'],
  ['date', date],
  ['version', `Auxcell ${version}, seed ${seed}`],
  ['machine', machine],
  ['time', `${formatDuration(seconds.spent)} of ${formatDuration(seconds.given)} that were given`],
])}
${contents(waysOn.length > 0)}
<h2 id="worth">What it is worth</h2>
<p>On all ${figures.images} validation images, at their own resolution; every class counts. Beside each the 95 % interval of drawing these images anew (bootstrap over images)${fewText(figures.images)}.</p>
${figuresTable(figures, 'validation images')}
${testText(results)}
<div class="wide"><table><tr>${['parameters', 'model.onnx', `one image of ${sizeText(figures.latencySize)} here, one thread`, ...(predicted ? [`predicted, ${predicted.device}`] : []), 'int8'].map((head) => `<th>${text(head)}</th>`).join('')}</tr>
${row([`${(figures.parameters / 1e6).toFixed(2)} M`, mebibytes(figures.bytes), `${figures.latency.toFixed(1)} ms`, ...(predicted ? [`${predicted.milliseconds.toFixed(1)} ms`] : []), int8Text(results)])}
</table></div>
<h2 id="sees">What it sees</h2>
${shown.map(({ rank, file, score, pictures }) => `<figure><figcaption>${text(`${rank}, ${metricName(figures.score)} ${number(score)}`)}: ${text(withinData(card, file))} (photograph, truth, prediction)</figcaption><div>${pictures.map((jpeg, k) => `<img alt="${['photograph', 'truth', 'prediction'][k] ?? ''}" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">`).join('')}</div></figure>`).join('\n')}
${legend(network.description.task)}
<h2 id="network">The network</h2>
<p><code>${text(formatArchitecture(genotype))}</code></p>
<div class="drawing">${drawArchitecture(genotype)}</div>
<h2 id="search">The search</h2>
<p>${trials.length} architectures, ${trials.length - scored.length} of which could not be trained. A reward is the score of a short training on a held-out part of the training list, and no promise of what a full training reaches.</p>
<div class="wide"><table><tr><th>#</th><th>reward</th><th>parameters</th><th>multiply-adds</th><th>architecture</th></tr>
${scored
  .slice(0, 10)
  .map((trial) =>
    row([
      String(trial.index),
      number(trial.reward),
      `${(trial.parameters / 1e6).toFixed(2)} M`,
      `${(trial.multiplyAdds / 1e9).toFixed(2)} G`,
      formatGenotype(genotypeFromJson(trial.genotype)),
    ]),
  )
  .join('\n')}
</table></div>
<h2 id="trainings">The trainings</h2>
<p>${metricName(figures.score)} of the validation images as they are seen in training, by epoch. ${firstStageText(trainings)}</p>
${scoreChart(trainings, figures.score)}
<h2 id="data">The data</h2>
${warnings.length === 0 ? '<p>Nothing that would go wrong was found.</p>' : `<ul>${warnings.map((warning) => `<li>${text(warning)}</li>`).join('')}</ul>`}
${waysOn.length === 0 ? '' : `<h2 id="on">How to go on</h2>\n<pre>${waysOn.map((line) => text(line)).join('\n')}</pre>`}
<h2 id="preset">The preset</h2>
<pre>${text(preset)}</pre>
</html>
`;
}

/** An image as its data's folder names it; one that lies elsewhere in full. */
function withinData({ folder }: DataCard, file: string): string {
  const within = path.relative(folder, file);
  return within.startsWith('..') || path.isAbsolute(within) ? file : within;
}

/** What the colours of labels mean. */
function legend(task: TaskDescription): string {
  if (!hasClasses(task)) return '';
  const classes = task.classes.map((label, k) => `<li><i style="background: rgb(${labelColour(k).join()})"></i> ${text(label)}</li>`);
  return `<ul class="legend">${classes.join('')}</ul>`;
}

function figuresTable({ intervals }: ListFigures, what: string): string {
  const rows = intervals.map(({ name, value, low, high }) =>
    row([name, number(value), Number.isFinite(low) ? `${number(low)} to ${number(high)}` : `not in the ${what}`]),
  );
  return `<div class="wide"><table><tr><th></th><th>value</th><th>95 %</th></tr>\n${rows.join('\n')}\n</table></div>`;
}

/** The figures that nothing was chosen by. */
function testText({ figures: { test } }: FitResults): string {
  if (!test) return '';
  return `<p>The validation images chose the network and its epoch, so their figures are a little too good. On the ${test.images} images of the test split, which chose nothing and were looked at once, at the end${fewText(test.images)}:</p>
${figuresTable(test, 'test images')}`;
}

function fewText(images: number): string {
  return isOfFewImages(images) ? `; with as few images as ${images} it means little` : '';
}

function headlineText(metrics: FitResults['figures']['metrics']): string {
  return headline(metrics)
    .slice(0, 2)
    .map(({ name, value }) => `${name} ${number(value)}`)
    .join(', ');
}

function int8Text({ figures: { int8 } }: FitResults): string {
  const cost = `${int8.cost >= 0 ? 'costs' : 'gains'} ${number(Math.abs(int8.cost))}`;
  return int8.isKept ? `${mebibytes(int8.bytes)}, ${cost}` : `not kept: ${cost}`;
}

/** Three digits: the number of images supports no more. */
function number(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}

function sizeText({ width, height }: MapSize): string {
  return `${width}×${height}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
}

function text(words: string): string {
  return escapeXml(words);
}
