// Titles name the page: what a tab or a bookmark is called.

import { useEffect } from 'react';

/** @param parts the most particular first; what is not known yet is left out */
export function useTitle(...parts: readonly (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined), 'Auxcell'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
