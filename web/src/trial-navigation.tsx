// From one architecture to the next in the order of the table that led here, and to another one beside it.

import { useNeighbours } from './source';
import { runAddress, useChosen } from './route';
import { queryOf, queryText } from './table-query';

export function TrialNavigation({ run, index }: { readonly run: string; readonly index: number }) {
  const [chosen, choose] = useChosen();
  const query = queryText(queryOf(chosen));
  const there = useNeighbours(run, index, query);
  const address = (to: number): string => `${runAddress(run)}/${to}${query === '' ? '' : `?${query}`}`;
  const link = (to: number | null | undefined, name: string, rel: 'prev' | 'next') =>
    to === null || to === undefined ? (
      <span className="button off">{name}</span>
    ) : (
      <a className="button" rel={rel} href={address(to)}>
        {name}: #{to}
      </a>
    );
  return (
    <nav className="tools" aria-label="architectures">
      {link(there?.previous, 'previous', 'prev')}
      <span data-fact="place">
        {there?.place ? `${there.place.toLocaleString('en')} of ${there.count.toLocaleString('en')}` : 'not in this table'}
      </span>
      {link(there?.next, 'next', 'next')}
      <a className="button" href={`${runAddress(run)}${query === '' ? '' : `?${query}`}`}>
        all architectures
      </a>
      <label>
        beside #{' '}
        <input
          type="number"
          min="1"
          className="short"
          defaultValue={chosen.get('beside') ?? ''}
          onChange={({ target }) => choose({ beside: target.value === '' ? undefined : target.value })}
        />
      </label>
    </nav>
  );
}
