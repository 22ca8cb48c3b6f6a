// A report: a run and its best architectures, from data in the file itself.

import { useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import type { ReportData } from '../../src/server/report.js';
import type { RowsOf } from './source';
import { AddressContext, type Addresses } from './addresses';
import { Run } from './run-page';
import { TrialDetails } from './trial-page';
import './style.css';

/** @param best best first */
function rowsIn(best: ReportData['rows']): RowsOf {
  const latest = best.toSorted((a, b) => b.index - a.index);
  return async (order, from, count) => (order === 'best' ? best : latest).slice(from, from + count);
}

async function readData(): Promise<ReportData> {
  const packed = document.getElementById('data')?.textContent ?? '';
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

function Report({ run, charts, rows, trials, photos, truths, predictions, written }: ReportData) {
  const rowsOf = useMemo(() => rowsIn(rows), [rows]);
  const shown = new Set(trials.map(({ trial }) => trial.index));
  const addresses: Addresses = {
    trial: (_, index) => (shown.has(index) ? `#trial-${index}` : undefined),
    photo: (_, image) => photos[image] ?? '',
    truth: (_, image) => truths[image] ?? '',
    prediction: (_, index, image) => predictions[index]?.[image] ?? '',
    model: () => undefined,
  };
  return (
    <AddressContext value={addresses}>
      <main>
        <p className="note">A report of {new Date(written).toLocaleString()}, by Auxcell.</p>
        <Run view={run} charts={charts} rowsOf={rowsOf} rowCount={rows.length} />
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
