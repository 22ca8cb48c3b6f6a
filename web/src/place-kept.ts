// Back keeps the place: how far a page was scrolled is remembered with its entry in the history, and is scrolled to again as soon as
// the page is long enough.

import { useEffect } from 'react';

/** Milliseconds in which a page may become as long as it was. */
const mostWait = 3000;

export function usePlaceKept(): void {
  useEffect(() => {
    history.scrollRestoration = 'manual';
    let wanted: number | undefined;
    let asked = 0;
    const scrollTo = (): void => {
      if (wanted === undefined) return;
      const room = document.documentElement.scrollHeight - innerHeight;
      if (room >= wanted || performance.now() - asked > mostWait) {
        scroll(0, wanted);
        wanted = undefined;
      }
    };
    const grown = new ResizeObserver(scrollTo);
    grown.observe(document.body);
    const went = ({ state }: PopStateEvent): void => {
      wanted = placeOf(state) ?? 0;
      asked = performance.now();
      requestAnimationFrame(scrollTo);
    };
    const scrolled = (): void => {
      if (wanted === undefined) history.replaceState({ place: scrollY }, '');
    };
    // Whoever takes the wheel goes where they want.
    const taken = (): void => {
      wanted = undefined;
    };
    wanted = placeOf(history.state);
    asked = performance.now();
    addEventListener('popstate', went);
    addEventListener('scrollend', scrolled);
    addEventListener('wheel', taken, { passive: true });
    return () => {
      grown.disconnect();
      removeEventListener('popstate', went);
      removeEventListener('scrollend', scrolled);
      removeEventListener('wheel', taken);
    };
  }, []);
}

function placeOf(state: unknown): number | undefined {
  return typeof state === 'object' && state !== null && 'place' in state && typeof state.place === 'number' ? state.place : undefined;
}
