// Where one is: `#/`, `#/RUN`, `#/RUN/INDEX`, and behind a question mark what is chosen there, so that it is shared, reloaded and gone
// back to. A name may hold slashes, as `mine/training-1`: they are encoded in the address.

import { useCallback, useMemo, useSyncExternalStore } from 'react';

export interface Route {
  readonly run: string | undefined;
  readonly index: number | undefined;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function parts(hash: string): readonly [path: string, query: string] {
  const at = hash.indexOf('?');
  return at < 0 ? [hash, ''] : [hash.slice(0, at), hash.slice(at + 1)];
}

export function runAddress(run: string): string {
  return `#/${encodeURIComponent(run)}`;
}

/** The run's name and the trial's index, as far as the address names them. */
export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => parts(location.hash)[0]);
  const [run, index] = path.replace(/^#\/?/, '').split('/');
  return { run: run ? decoded(run) : undefined, index: index ? Number(index) : undefined };
}

/** What is chosen on this page. A change is no step of the history: Back leads to the page before. */
export function useChosen(): readonly [chosen: URLSearchParams, choose: (changes: Readonly<Record<string, string | undefined>>) => void] {
  const query = useSyncExternalStore(subscribe, () => parts(location.hash)[1]);
  const chosen = useMemo(() => new URLSearchParams(query), [query]);
  const choose = useCallback((changes: Readonly<Record<string, string | undefined>>): void => {
    const [path, before] = parts(location.hash);
    const next = new URLSearchParams(before);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    history.replaceState(history.state, '', `${path || '#/'}${text === '' ? '' : `?${text}`}`);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }, []);
  return [chosen, choose];
}

/** An address that somebody wrote may be no encoding of anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
