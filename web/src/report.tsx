// A report: a run and its best architectures, from data in the file itself.

import { useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import type { ReportData } from '../../src/server/report.js';
import { selectRows } from './select-rows';
import type { RowsOf } from './source';
import { AddressContext, type Addresses } from './addresses';
import { dateText } from './numbers';
import { Run } from './run-page';
import { TrialDetails } from './trial-page';
import './style.css';

/** What the server does with a query, on the rows that are in the file. @param best best first */
function rowsIn(best: ReportData['rows'], fronts: ReportData['charts']['fronts']): RowsOf {
  return async (query, from, count) => {
    const rows = selectRows(best, fronts, query);
    return { rows: rows.slice(from, from + count), count: rows.length };
  };
}

async function readData(): Promise<ReportData> {
  const packed = document.getElementById('data')?.textContent ?? '';
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

function Report({ run, charts, rows, trials, photos, truths, predictions, written }: ReportData) {
  const rowsOf = useMemo(() => rowsIn(rows, charts.fronts), [rows, charts.fronts]);
  const shown = new Set(trials.map(({ trial }) => trial.index));
  const addresses: Addresses = {
    trial: (_, index) => (shown.has(index) ? `#trial-${index}` : undefined),
    trialsCsv: () => undefined,
    photo: (_, image) => photos[image] ?? '',
    truth: (_, image) => truths[image] ?? '',
    prediction: (_, index, image) => predictions[index]?.[image] ?? '',
    model: () => undefined,
  };
  return (
    <AddressContext value={addresses}>
      <main>
        <p className="note">
          A report of {dateText(written)}, by Auxcell{run.version === null ? '' : `; the search is of version ${run.version}`}.
        </p>
        <nav aria-label="contents">
          <ul className="contents">
            <li>
              <a href="#search">the search</a>
            </li>
            {trials.map(({ trial: { index } }) => (
              <li key={index}>
                <a href={`#trial-${index}`}>#{index}</a>
              </li>
            ))}
          </ul>
        </nav>
        <div id="search" />
        <Run view={run} charts={charts} rowsOf={rowsOf} rowCount={rows.length} isUnfolded />
        <h2>The best {trials.length} architectures</h2>
        {trials.map((trial) => (
          <article key={trial.trial.index} id={`trial-${trial.trial.index}`}>
            <TrialDetails run={run} trial={trial} />
          </article>
        ))}
      </main>
    </AddressContext>
  );
}

const root = document.getElementById('root');
if (root) readData().then((data) => createRoot(root).render(<Report {...data} />));
