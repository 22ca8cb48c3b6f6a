// The server's data, kept up to date by its events. An EventSource reconnects by itself when the server comes back.

import { useEffect, useState } from 'react';
import { runUrl } from './addresses';
import type { RunNews, RunSummary, RunView, TrialView } from '../../src/server/api.js';

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.json();
}

export type Loaded<T> = { readonly value: T } | { readonly error: string } | undefined;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** All runs, as they change. */
export function useRuns(): readonly RunSummary[] | undefined {
  const [runs, setRuns] = useState<readonly RunSummary[]>();
  useEffect(() => {
    const events = new EventSource('api/stream');
    events.addEventListener('runs', ({ data }) => setRuns(JSON.parse(data)));
    return () => events.close();
  }, []);
  return runs;
}

/** A run, as it goes on. */
export function useRun(name: string): Loaded<RunView> {
  const [view, setView] = useState<Loaded<RunView>>();
  useEffect(() => {
    let events: EventSource | undefined;
    let gone = false;
    getJson<RunView>(runUrl(name)).then(
      (first) => {
        if (gone) return;
        setView({ value: first });
        events = new EventSource(`${runUrl(name)}/stream?since=${first.trials.length}`);
        events.addEventListener('news', ({ data }) => {
          const news: RunNews = JSON.parse(data);
          setView((before) => (before && 'value' in before ? { value: withNews(before.value, news) } : before));
        });
      },
      (error: unknown) => setView({ error: reasonOf(error) }),
    );
    return () => {
      gone = true;
      events?.close();
    };
  }, [name]);
  return view;
}

function withNews(view: RunView, news: RunNews): RunView {
  const last = view.trials.at(-1)?.observed ?? 0;
  const fresh = news.trials.filter(({ observed }) => observed > last);
  return { ...view, ...news, trials: fresh.length === 0 ? view.trials : [...view.trials, ...fresh] };
}

/** Several runs, once each. */
export function useRunViews(names: readonly string[]): readonly RunView[] {
  const [views, setViews] = useState<readonly RunView[]>([]);
  const key = names.join('/');
  useEffect(() => {
    let gone = false;
    const wanted = key === '' ? [] : key.split('/');
    Promise.all(wanted.map((name) => getJson<RunView>(runUrl(name)))).then(
      (all) => !gone && setViews(all),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [key]);
  return views;
}

export function useTrial(run: string, index: number): Loaded<{ readonly run: RunView; readonly trial: TrialView }> {
  const [loaded, setLoaded] = useState<Loaded<{ run: RunView; trial: TrialView }>>();
  useEffect(() => {
    Promise.all([getJson<RunView>(runUrl(run)), getJson<TrialView>(`${runUrl(run)}/trials/${index}`)]).then(
      ([view, trial]) => setLoaded({ value: { run: view, trial } }),
      (error: unknown) => setLoaded({ error: reasonOf(error) }),
    );
  }, [run, index]);
  return loaded;
}
