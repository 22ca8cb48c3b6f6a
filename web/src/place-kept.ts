// Back keeps the place: how far a page was scrolled is remembered with its entry in the history, and is scrolled to again as soon as
// the page is long enough.

import { useEffect } from 'react';

/** Milliseconds in which a page may become as long as it was. */
const mostWait = 3000;

export function usePlaceKept(): void {
  useEffect(() => {
    history.scrollRestoration = 'manual';
    let wanted: number | undefined;
    let isReached = false;
    let asked = 0;
    const ask = (place: number | undefined): void => {
      wanted = place;
      isReached = false;
      asked = performance.now();
    };
    const isLate = (): boolean => performance.now() - asked > mostWait;
    const hasRoom = (place: number): boolean => document.documentElement.scrollHeight - innerHeight >= place;
    // Reached on the page that is being left, it is lost again while the next one is short: it stays wanted for a while.
    const scrollTo = (): void => {
      if (wanted === undefined) return;
      if (isLate() ? !isReached : hasRoom(wanted)) scroll(0, wanted);
      isReached ||= hasRoom(wanted);
      if (isLate()) wanted = undefined;
    };
    const grown = new ResizeObserver(scrollTo);
    grown.observe(document.body);
    const went = ({ state }: PopStateEvent): void => {
      ask(placeOf(state) ?? 0);
      requestAnimationFrame(scrollTo);
    };
    const scrolled = (): void => {
      // By somebody, not by a page that became shorter.
      if (wanted !== undefined && (isLate() || (hasRoom(wanted) && Math.abs(scrollY - wanted) > 1))) wanted = undefined;
      if (wanted === undefined) history.replaceState({ place: scrollY }, '');
    };
    // Whoever takes the wheel goes where they want.
    const taken = (): void => {
      wanted = undefined;
    };
    ask(placeOf(history.state));
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
