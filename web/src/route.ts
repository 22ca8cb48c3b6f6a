// Where one is: `#/`, `#/RUN`, `#/RUN/INDEX`.

import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** The run's name and the trial's index, as far as the address names them. */
export function useRoute(): readonly [run: string | undefined, index: number | undefined] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const [run, index] = hash.replace(/^#\/?/, '').split('/');
  return [run ? decoded(run) : undefined, index ? Number(index) : undefined];
}

/** An address that somebody wrote may be no encoding of anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
