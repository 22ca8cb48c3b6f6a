// Searches, trainings and fits as rows of a table; what lies in a fit stands below it.

import type { ListedRun, ListEntry } from '../../src/server/api.js';
import { endingText } from './ending-text';
import { metricName } from '../../src/core/task/metric-names.js';
import { dateText, spanText } from './numbers';
import { runAddress } from './route';
import { Sparkline } from './sparkline';

export interface RunTableProps {
  readonly entries: readonly ListEntry[];
  /** Absent: nothing is compared here. */
  readonly comparison?: { readonly isChosen: (run: string) => boolean; readonly toggle: (run: string) => void } | undefined;
  /** Of the fit in which all of them lie. */
  readonly within?: string | undefined;
}

const counted = { search: 'architectures', training: 'epochs', fit: 'trainings' } as const;

export function RunTable({ entries, comparison, within }: RunTableProps) {
  return (
    <section className="scroll" tabIndex={0} aria-label="runs">
      <table className="runs">
        <thead>
          <tr>
            {comparison && <th scope="col">compare</th>}
            <th scope="col">run</th>
            <th scope="col">what</th>
            <th scope="col">state</th>
            <th scope="col" className="number">
              best
            </th>
            <th scope="col">so far</th>
            <th scope="col" className="number">
              done
            </th>
            <th scope="col" className="number">
              time
            </th>
            <th scope="col">begun</th>
            <th scope="col">data</th>
          </tr>
        </thead>
        <tbody>
          {nested(entries).map((entry) =>
            entry.state === 'damaged' ? (
              <tr key={entry.run}>
                {comparison && <td />}
                <td>{shortName(entry.run, within)}</td>
                <td />
                <td>
                  <span className={`state ${entry.state}`}>{entry.state}</span>
                </td>
                <td className="reason" colSpan={6}>
                  {entry.reason}
                </td>
              </tr>
            ) : (
              <Row key={entry.run} entry={entry} comparison={comparison} within={within} />
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

function Row({ entry, comparison, within }: Omit<RunTableProps, 'entries'> & { readonly entry: ListedRun }) {
  const { run, kind, state, begun, task, data, images, done, total, ending, seconds, best, curve } = entry;
  return (
    <tr className={within === undefined && run.includes('/') ? 'within' : undefined}>
      {comparison && (
        <td data-label="compare">
          {kind !== 'fit' && (
            <input
              type="checkbox"
              aria-label={`compare ${run}`}
              checked={comparison.isChosen(run)}
              onChange={() => comparison.toggle(run)}
            />
          )}
        </td>
      )}
      <td className="name">
        <a href={runAddress(run)}>{shortName(run, within)}</a>
      </td>
      <td data-label="what">
        <span>
          {kind} <small>{task}</small>
        </span>
      </td>
      <td data-label="state">
        <span className={`state ${state}`}>{state}</span>
      </td>
      <td className="number" data-label="best">
        {best === null ? (
          '–'
        ) : (
          <span>
            {best.value.toFixed(3)} <small>{metricName(best.name)}</small>
          </span>
        )}
      </td>
      <td data-label="so far">{curve.length > 1 && <Sparkline values={curve} />}</td>
      <td className="number done" data-label="done">
        <span>
          {ending === null ? `${done}/${total}` : done}{' '}
          <small>{ending === null ? counted[kind] : `${counted[kind]}, ${endingText(ending)}`}</small>
        </span>
      </td>
      <td className="number date" data-label="time">
        {seconds === null ? '–' : spanText(seconds)}
      </td>
      <td className="date begun" data-label="begun">
        <span>{begun === null ? '–' : dateText(begun)}</span>
      </td>
      <td className="data" data-label="data" title={data}>
        <span>
          {data.split(/[\\/]/).findLast((part) => part !== '') ?? data}{' '}
          {images !== null && <small>{`${images.toLocaleString('en')} ${images === 1 ? 'image' : 'images'}`}</small>}
        </span>
      </td>
    </tr>
  );
}

function shortName(run: string, within: string | undefined): string {
  return within !== undefined && run.startsWith(`${within}/`) ? run.slice(within.length + 1) : run;
}

/** A fit, then what lies in it by name: the search, then the trainings. */
function nested(entries: readonly ListEntry[]): ListEntry[] {
  const all = new Set(entries.map(({ run }) => run));
  const outer = ({ run }: ListEntry): string | undefined => {
    const fit = run.slice(0, Math.max(0, run.indexOf('/')));
    return fit !== '' && all.has(fit) ? fit : undefined;
  };
  return entries
    .filter((entry) => outer(entry) === undefined)
    .flatMap((entry) => [
      entry,
      ...entries.filter((inner) => outer(inner) === entry.run).toSorted((a, b) => a.run.localeCompare(b.run, 'en', { numeric: true })),
    ]);
}
