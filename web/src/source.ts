// The server's data, kept up to date by its events. An EventSource reconnects by itself when the server comes back.

import { useCallback, useEffect, useRef, useState } from 'react';
import { runUrl } from './addresses';
import { queryText } from './table-query';
import type {
  ListEntry,
  RunCharts,
  RunNews,
  RunView,
  TrainingView,
  TrialNeighbours,
  TrialPage,
  TrialQuery,
  TrialRow,
  TrialView,
  WorkView,
} from '../../src/server/api.js';

/** @throws Error with what the server says is wrong */
async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (response.ok) return response.json();
  const said: unknown = await response.json().catch(() => undefined);
  const reason = typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : undefined;
  throw new Error(reason ?? `${url}: ${response.status} ${response.statusText}`);
}

export type Loaded<T> = { readonly value: T } | { readonly error: string } | undefined;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** All runs, as they change. */
export function useRuns(): readonly ListEntry[] | undefined {
  const [runs, setRuns] = useState<readonly ListEntry[]>();
  useEffect(() => {
    const events = new EventSource('api/stream');
    events.addEventListener('runs', ({ data }) => setRuns(JSON.parse(data)));
    return () => events.close();
  }, []);
  return runs;
}

/** A search, a training or a fit, as it goes on. One that was made anew under its name is loaded anew. */
export function useWork(name: string): Loaded<WorkView> {
  const [view, setView] = useState<Loaded<WorkView>>();
  useEffect(() => {
    let gone = false;
    const load = (): Promise<WorkView | undefined> =>
      getJson<WorkView>(runUrl(name)).then(
        (value) => {
          if (!gone) setView({ value });
          return value;
        },
        (error: unknown) => {
          if (!gone) setView({ error: reasonOf(error) });
          return undefined;
        },
      );
    let events: EventSource | undefined;
    load().then((first) => {
      if (gone || !first) return;
      let id = first.kind === 'search' ? first.id : '';
      events = new EventSource(`${runUrl(name)}/stream`);
      events.addEventListener('view', ({ data }) => setView({ value: JSON.parse(data) }));
      events.addEventListener('news', ({ data }) => {
        const news: RunNews = JSON.parse(data);
        if (news.id !== id) {
          id = news.id;
          void load();
        } else
          setView((before) =>
            before && 'value' in before && before.value.kind === 'search' ? { value: { ...before.value, ...news } } : before,
          );
      });
    });
    return () => {
      gone = true;
      events?.close();
    };
  }, [name]);
  return view;
}

/** Milliseconds between two looks at the charts of a run that goes on. */
const chartsEvery = 2000;

/** What a run's charts draw, made again when trials have come. */
export function useCharts({ run, id, done }: Pick<RunView, 'run' | 'id' | 'done'>): RunCharts | undefined {
  const [charts, setCharts] = useState<RunCharts>();
  const asked = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are asked for again when trials have come
  useEffect(() => {
    let gone = false;
    const wait = Math.max(0, asked.current + chartsEvery - performance.now());
    const timer = setTimeout(
      () => {
        asked.current = performance.now();
        getJson<RunCharts>(`${runUrl(run)}/charts`).then(
          (value) => !gone && value.id === id && setCharts(value),
          () => {},
        );
      },
      asked.current === 0 ? 0 : wait,
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [run, id, done]);
  // Those of another run under the same name are none of this one's.
  return charts?.id === id ? charts : undefined;
}

/** Rows of a table, wherever they come from. */
export type RowsOf = (query: TrialQuery, from: number, count: number) => Promise<TrialPage>;

export function serverRows(run: string): RowsOf {
  return (query, from, count) => getJson<TrialPage>(`${runUrl(run)}/trials?${queryText(query)}&from=${from}&count=${count}`);
}

const pageRows = 100;

export interface ShownRows {
  /** Of all; 0 until the first have come. */
  readonly count: number;
  /** By its place; undefined for one that is on its way. */
  readonly rowAt: (place: number) => TrialRow | undefined;
  /** What is in view now. */
  readonly show: (first: number, last: number) => void;
}

/**
 * The rows in view.
 * @param version changes when rows may have moved: what is shown stays until it has come again
 */
export function useRows(rowsOf: RowsOf, query: TrialQuery, version: string): ShownRows {
  const text = queryText(query);
  const [pages, setPages] = useState<ReadonlyMap<string, readonly TrialRow[]>>(new Map());
  const [counts, setCounts] = useState<{ readonly text: string; readonly count: number }>({ text: '', count: 0 });
  const [[from, to], setShown] = useState<readonly [number, number]>([0, 0]);
  const show = useCallback(
    (first: number, last: number): void =>
      setShown((before) => {
        const now = [Math.floor(first / pageRows), Math.floor(Math.max(first, last) / pageRows)] as const;
        return before[0] === now[0] && before[1] === now[1] ? before : now;
      }),
    [],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are asked for again when rows may have moved
  useEffect(() => {
    let gone = false;
    for (let page = from; page <= to; page++)
      rowsOf(query, page * pageRows, pageRows).then(
        ({ rows, count }) => {
          if (gone) return;
          setPages((before) => withPage(before, `${text} ${page}`, rows));
          setCounts({ text, count });
        },
        () => {},
      );
    return () => {
      gone = true;
    };
  }, [rowsOf, query, text, version, from, to]);
  return {
    count: counts.count,
    rowAt: (place) => pages.get(`${text} ${Math.floor(place / pageRows)}`)?.[place % pageRows],
    show,
  };
}

/** Those that were looked at last; a hundred thousand rows do not stay. */
const mostPages = 20;

function withPage(
  before: ReadonlyMap<string, readonly TrialRow[]>,
  key: string,
  rows: readonly TrialRow[],
): ReadonlyMap<string, readonly TrialRow[]> {
  const others = [...before].filter(([other]) => other !== key).slice(-mostPages);
  return new Map([...others, [key, rows]]);
}

/** Where a trial stands in a table; undefined until it has come. */
export function useNeighbours(run: string, index: number, query: string): TrialNeighbours | undefined {
  const [found, setFound] = useState<{ readonly of: string; readonly value: TrialNeighbours }>();
  const of = `${runUrl(run)}/trials/${index}/neighbours?${query}`;
  useEffect(() => {
    let gone = false;
    getJson<TrialNeighbours>(of).then(
      (value) => !gone && setFound({ of, value }),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [of]);
  return found?.of === of ? found.value : undefined;
}

/** A run of which something is wanted, anew with every version of it. */
interface Wanted {
  readonly run: string;
  readonly version: string;
}

/** Of several runs, in their order; what cannot be had is left out. */
function useEach<T>(wanted: readonly Wanted[], load: (run: string) => Promise<T>): readonly T[] {
  const [found, setFound] = useState<readonly T[]>([]);
  const key = JSON.stringify(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is wanted is in the key
  useEffect(() => {
    let gone = false;
    const each = wanted.map(({ run }) =>
      load(run).then(
        (value) => [value],
        () => [],
      ),
    );
    Promise.all(each).then((all) => !gone && setFound(all.flat()));
    return () => {
      gone = true;
    };
  }, [key]);
  return found;
}

/** Charts of several searches. */
export function useRunCharts(wanted: readonly Wanted[]): readonly { readonly run: string; readonly charts: RunCharts }[] {
  return useEach(wanted, async (run) => ({ run, charts: await getJson<RunCharts>(`${runUrl(run)}/charts`) }));
}

export function useTrainings(wanted: readonly Wanted[]): readonly TrainingView[] {
  return useEach(wanted, (run) => getJson<TrainingView>(runUrl(run)));
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
