// A run as one HTML file: the dashboard's pages with the data in it, no network needed.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { depictionType } from '../core/model/index.js';
import { taskOf } from '../core/preset/index.js';
import type { RunFolder } from '../core/search/index.js';
import type { RunCharts, RunView, TrialRow, TrialView } from './api.js';
import { endedIn } from './fit-ending.js';
import { runView, trialPage, trialView } from './run-view.js';
import { TrialColumns } from './trial-columns.js';
import { escapeXml } from '../core/task/index.js';
import { bestFirst } from './trial-query.js';

/** What is written into the file; see `web/src/report.tsx`. */
export interface ReportData {
  readonly run: RunView;
  readonly charts: RunCharts;
  /** Of the table, best first; ten thousand at most. */
  readonly rows: readonly TrialRow[];
  /** The best, best first. */
  readonly trials: readonly TrialView[];
  /** Data addresses by number of the image. */
  readonly photos: Readonly<Record<number, string>>;
  readonly truths: Readonly<Record<number, string>>;
  /** By trial, then by image. */
  readonly predictions: Readonly<Record<number, Readonly<Record<number, string>>>>;
  readonly written: string;
}

const mostRows = 10_000;

const built = path.join(import.meta.dirname, '..', '..', 'dist', 'report');

/** @param best how many architectures are shown in full @throws UserError when there is no run here */
export async function writeReport(run: RunFolder, best: number): Promise<string> {
  const data = await reportData(run, best);
  const [script, style] = await Promise.all([
    readFile(path.join(built, 'report.js'), 'utf8'),
    readFile(path.join(built, 'report.css'), 'utf8'),
  ]);
  const packed = deflateSync(JSON.stringify(data)).toString('base64');
  // What looks like the end of the element would end it.
  const safe = script.replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeXml(data.run.run)}: a report of Auxcell</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<script type="text/plain" id="data">${packed}</script>
<script type="module">${safe}</script>
</body>
</html>
`;
}

async function reportData(folder: RunFolder, best: number): Promise<ReportData> {
  const config = await folder.readConfig();
  const store = await folder.look();
  try {
    const id = store.id() ?? '';
    const { score } = taskOf(config.preset, config.preset.validation.framing);
    const columns = new TrialColumns(store, id, score);
    const at = path.resolve(folder.folder);
    const name = path.basename(at);
    const isOver = name === 'search' && (await endedIn(path.dirname(at))).searched;
    const source = { name, id, folder, config, store, columns, isOver };
    const run = await runView(source);
    const { rows } = await trialPage(source, bestFirst, 0, mostRows);
    const chosen = rows.filter(({ error, reusedFrom }) => error === undefined && reusedFrom === undefined).slice(0, best);
    const trials = chosen.flatMap(({ index }) => trialView(source, index) ?? []);
    const imagesOf = ({ pictures }: TrialView): number[] => pictures.map(({ image }) => image);
    const shown = [...new Set(trials.flatMap(imagesOf))];
    const address = (type: string, bytes: Uint8Array | undefined): string =>
      bytes ? `data:${type};base64,${Buffer.from(bytes).toString('base64')}` : '';
    const depiction = (bytes: Uint8Array | undefined): string => (bytes ? address(depictionType(bytes), bytes) : '');
    return {
      run,
      charts: await columns.charts(),
      rows,
      trials,
      photos: Object.fromEntries(shown.map((i) => [i, address('image/jpeg', store.photo(i)?.jpeg)])),
      truths: Object.fromEntries(shown.map((i) => [i, depiction(store.photo(i)?.truth)])),
      predictions: Object.fromEntries(
        trials.map((view) => {
          const { index } = view.trial;
          return [index, Object.fromEntries(imagesOf(view).map((i) => [i, depiction(store.picture(index, i))]))];
        }),
      ),
      written: new Date().toISOString(),
    };
  } finally {
    store.close();
  }
}
