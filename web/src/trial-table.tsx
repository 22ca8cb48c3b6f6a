// The table of a search's architectures: sorted by any column, those of a kind or with an op; only the rows in view are loaded and in
// the document. What is chosen is in the address.

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, use, useEffect, useMemo, useRef } from 'react';
import type { RunView, ShownTrials, TrialQuery, TrialRow, TrialSort } from '../../src/server/api.js';
import { cellOps } from '../../src/core/space/ops.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { shareText } from '../../src/core/task/share-text.js';
import { AddressContext } from './addresses';
import { costNames, costs } from './charts';
import { useChosen } from './route';
import { type RowsOf, useRows } from './source';
import { queryOf, queryText, shownTrials } from './table-query';

const rowHeight = 30;

export interface TrialTableProps {
  readonly view: RunView;
  /** Changes when rows may have moved. */
  readonly version: string;
  readonly rowsOf: RowsOf;
  readonly hasLatency: boolean;
}

interface Column {
  readonly sort: TrialSort;
  readonly name: string;
  readonly text: (row: TrialRow) => string;
}

const figure = (value: number | null, digits: number, unit: number, name: string): string =>
  value === null ? '–' : `${(value / unit).toFixed(digits)} ${name}`;

const shownNames: Readonly<Record<ShownTrials, string>> = {
  all: 'all',
  trained: 'trained themselves',
  front: 'on the front',
  failed: 'failed',
};

export function TrialTable({ view, version, rowsOf, hasLatency }: TrialTableProps) {
  const { run, score, scoredImages } = view;
  const addresses = use(AddressContext);
  const [chosen, choose] = useChosen();
  const query = useMemo(() => queryOf(chosen), [chosen]);
  const scroller = useRef<HTMLDivElement>(null);
  const text = queryText(query);
  const first = useRows(rowsOf, query, version);
  const virtual = useVirtualizer({
    count: first.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const places = virtual.getVirtualItems();
  const [from, to] = [places[0]?.index ?? 0, places.at(-1)?.index ?? 0];
  const { show } = first;
  useEffect(() => show(from, to), [show, from, to]);
  const share = (value: number | null): string => (value === null ? '–' : shareText(value, scoredImages));
  const columns: Column[] = [
    { sort: 'index', name: '#', text: ({ index }) => `#${index}` },
    { sort: 'reward', name: 'reward', text: ({ reward, error }) => share(error === undefined ? reward : null) },
    { sort: 'score', name: metricName(score), text: (row) => share(row.score) },
    { sort: 'parameters', name: 'params', text: ({ parameters }) => figure(parameters, 2, 1e6, 'M') },
    { sort: 'multiplyAdds', name: 'mult-adds', text: ({ multiplyAdds }) => figure(multiplyAdds, 2, 1e9, 'G') },
    ...(hasLatency ? [{ sort: 'latency', name: 'latency', text: ({ latency }) => figure(latency, 1, 1, 'ms') } satisfies Column] : []),
    { sort: 'seconds', name: 'time', text: ({ seconds }) => figure(seconds, 0, 1, 's') },
  ];
  const csv = addresses.trialsCsv(run, text);
  return (
    <section>
      <h2>Architectures</h2>
      <div className="tools">
        <Select label="show" value={query.show} onChange={(value) => choose({ show: value === 'all' ? undefined : value })}>
          {shownTrials.map((name) => (
            <option key={name} value={name}>
              {shownNames[name]}
            </option>
          ))}
        </Select>
        {query.show === 'front' && (
          <Select label="of reward against" value={query.cost} onChange={(value) => choose({ cost: value })}>
            {costNames
              .filter((name) => name !== 'latency' || hasLatency)
              .map((name) => (
                <option key={name} value={name}>
                  {costs[name].label}
                </option>
              ))}
          </Select>
        )}
        <Select label="with op" value={String(query.op ?? '')} onChange={(value) => choose({ op: value === '' ? undefined : value })}>
          <option value="">any</option>
          {cellOps.map(({ name }, op) => (
            <option key={name} value={op}>
              {name}
            </option>
          ))}
        </Select>
        <output data-fact="shown">{`${first.count.toLocaleString('en')} architectures`}</output>
        {csv !== undefined && (
          <a className="button" href={csv} download>
            these as CSV
          </a>
        )}
      </div>
      <section className="rows" ref={scroller} tabIndex={0} aria-label="architectures">
        <table aria-rowcount={first.count + 1}>
          <thead>
            <tr className={`row head ${hasLatency ? 'timed' : ''}`} aria-rowindex={1}>
              {columns.map(({ sort, name }) => (
                <th key={sort} scope="col" aria-sort={sortOf(query, sort)}>
                  <button type="button" className="sort" onClick={() => choose(sorted(query, sort))}>
                    {name}
                    {query.sort === sort ? (query.descending ? ' ▾' : ' ▴') : ''}
                  </button>
                </th>
              ))}
              <th scope="col">genotype</th>
            </tr>
          </thead>
          <tbody className="sheet" ref={(element) => element?.style.setProperty('height', `${virtual.getTotalSize()}px`)}>
            {places.map(({ index: place, start, key }) => {
              const trial = first.rowAt(place);
              return (
                <tr
                  className={`row ${hasLatency ? 'timed' : ''} ${trial?.error === undefined ? '' : 'failed'}`}
                  aria-rowindex={place + 2}
                  key={key}
                  ref={(element) => element?.style.setProperty('transform', `translateY(${start}px)`)}
                >
                  {trial ? (
                    <>
                      {columns.map(({ sort, text: cell }) => (
                        <td key={sort}>
                          {sort === 'index' ? <a href={addresses.trial(run, trial.index, text)}>{cell(trial)}</a> : cell(trial)}
                        </td>
                      ))}
                      <td>
                        <code>
                          {trial.error !== undefined && `failed: ${trial.error} `}
                          {trial.genotype}
                          {trial.reusedFrom !== undefined && ` as #${trial.reusedFrom}`}
                        </code>
                      </td>
                    </>
                  ) : (
                    <td>…</td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

function Select({ label, value, onChange, children }: SelectProps) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </label>
  );
}

function sortOf(query: TrialQuery, sort: TrialSort): 'ascending' | 'descending' | 'none' {
  if (query.sort !== sort) return 'none';
  return query.descending ? 'descending' : 'ascending';
}

/** The other way round, or by this column: costs and numbers smallest first. */
function sorted(query: TrialQuery, sort: TrialSort): Record<string, string | undefined> {
  const descending = query.sort === sort ? !query.descending : sort === 'reward' || sort === 'score';
  return { sort: sort === 'reward' ? undefined : sort, descending: descending ? undefined : 'false' };
}
