// One search, as it goes.

import { useVirtualizer } from '@tanstack/react-virtual';
import { use, useMemo, useRef, useState } from 'react';
import type { CostName, RowOrder, RunCharts, RunView } from '../../src/server/api.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { AddressContext } from './addresses';
import { Boundary } from './boundary';
import { Fact } from './facts';
import { Findings } from './findings';
import { connectionChart, costNames, costs, entropyChart, opChart, paceChart, paretoChart, rewardChart, stoppedChart } from './charts';
import { Chart } from './plot';
import { type RowsOf, serverRows, useCharts, useRows } from './source';
import { useTitle } from './title';
import { Timings } from './timings';

/** A search that the server follows. */
export function LiveRun({ view }: { readonly view: RunView }) {
  useTitle(view.run);
  const rowsOf = useMemo(() => serverRows(view.run), [view.run]);
  return <Run view={view} charts={useCharts(view)} rowsOf={rowsOf} />;
}

export interface RunProps {
  readonly view: RunView;
  /** Undefined while they are made. */
  readonly charts: RunCharts | undefined;
  readonly rowsOf: RowsOf;
  /** Rows that there are, where they are not all. */
  readonly rowCount?: number;
}

export function Run({ view, charts, rowsOf, rowCount = view.done }: RunProps) {
  const { run, state, strategy, done, best, candidates, perHour, live, events, seed, score } = view;
  const addresses = use(AddressContext);
  return (
    <>
      <h1>{run}</h1>
      <dl className="facts">
        <Fact name="state" value={<span className={`state ${state}`}>{state}</span>} />
        <Fact name="task" value={view.task} />
        <Fact name="strategy" value={`${strategy}, seed ${seed}`} />
        <Fact name="done" value={<span data-fact="done">{`${done} of ${candidates}`}</span>} />
        <Fact
          name="best reward"
          value={
            best ? <a data-fact="best" href={addresses.trial(run, best.index)}>{`${best.reward.toFixed(4)} (#${best.index})`}</a> : '–'
          }
        />
        <Fact name="architectures an hour" value={perHour?.toFixed(1) ?? '–'} />
      </dl>
      {state === 'running' && (
        <section aria-label="workers">
          <h2>Now</h2>
          <ul className="live">
            {live.map(({ index, worker, doing, step }) => (
              <li key={index}>
                <strong>#{index}</strong>{' '}
                {doing === 'training' && step
                  ? `stage ${step.stage}, epoch ${step.epoch + 1}, step ${step.step}/${step.steps}, loss ${step.loss.toFixed(3)}`
                  : doing}{' '}
                <progress
                  aria-label={`progress of #${index}`}
                  max={step?.steps ?? 1}
                  value={doing === 'validation' ? (step?.steps ?? 1) : (step?.step ?? 0)}
                />{' '}
                <small>{worker}</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Findings findings={view.findings} />
      {done === 0 ? (
        <p className="note">No architecture is finished yet.</p>
      ) : (
        <>
          <Boundary what="The charts cannot be drawn">
            {charts ? <Charts view={view} charts={charts} /> : <p className="note">{`reading ${done} architectures…`}</p>}
          </Boundary>
          <TrialTable run={run} score={score} count={rowCount} version={`${view.id} ${done}`} rowsOf={rowsOf} />
          <Timings view={view} />
          {rowCount < done && <p className="note">{`The best ${rowCount} of ${done}.`}</p>}
        </>
      )}
      {events.length > 0 && (
        <section>
          <h2>Events</h2>
          <ul className="events">
            {events.map(({ at, kind, trial, detail }) => (
              <li key={`${at}${trial}${kind}`}>
                <time dateTime={at}>{new Date(at).toLocaleString()}</time> {trial === null ? '' : `#${trial} `}
                {kind}: {detail}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Charts({ view: { run, stages }, charts }: { readonly view: RunView; readonly charts: RunCharts }) {
  const addresses = use(AddressContext);
  const [cost, setCost] = useState<CostName>('multiplyAdds');
  const drawn = useMemo(
    () => ({
      reward: rewardChart(charts),
      pace: paceChart(charts),
      entropy: entropyChart(charts),
      ops: opChart(charts),
      connections: connectionChart(charts),
      stopped: stoppedChart(charts),
    }),
    [charts],
  );
  const pareto = useMemo(() => paretoChart(charts, cost), [charts, cost]);
  const open = (datum: unknown): void => {
    if (typeof datum !== 'object' || !datum || !('index' in datum)) return;
    const page = addresses.trial(run, Number(datum.index));
    if (page !== undefined) location.hash = page;
  };
  const measured = charts.fronts.latency.index.length > 0;
  return (
    <>
      <Chart title="Reward: every architecture, their moving average (20) and the best so far" options={drawn.reward} onPick={open} />
      <div className="columns">
        <div>
          <fieldset className="choice">
            <legend>Reward against</legend>
            {costNames
              .filter((name) => name !== 'latency' || measured)
              .map((name) => (
                <label key={name}>
                  <input type="radio" name="cost" checked={cost === name} onChange={() => setCost(name)} /> {costs[name].label}
                </label>
              ))}
          </fieldset>
          <Chart title="The front: what no other architecture beats in both" options={pareto} onPick={open} />
        </div>
        <Chart title="Architectures an hour" options={drawn.pace} />
        {charts.entropy.observed.length > 0 && <Chart title="Entropy of the policy" options={drawn.entropy} />}
        {stages === 2 && <Chart title="Stopped after the first stage" options={drawn.stopped} />}
        <Chart title="Ops chosen, per cent" options={drawn.ops} />
        <Chart title="Inputs of blocks chosen, per cent" options={drawn.connections} />
      </div>
    </>
  );
}

const rowHeight = 30;

interface TrialTableProps {
  readonly run: string;
  /** The metric beside the reward. */
  readonly score: string;
  readonly count: number;
  /** Changes when rows may have moved. */
  readonly version: string;
  readonly rowsOf: RowsOf;
}

const figure = (value: number | null, digits: number, unit = 1): string => (value === null ? '–' : (value / unit).toFixed(digits));

/** All trials, best first; only the rows in view are loaded and in the document. */
function TrialTable({ run, score, count, version, rowsOf }: TrialTableProps) {
  const addresses = use(AddressContext);
  const [order, setOrder] = useState<RowOrder>('best');
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const places = virtual.getVirtualItems();
  const rowAt = useRows(rowsOf, order, version, places[0]?.index ?? 0, places.at(-1)?.index ?? 0);
  return (
    <section>
      <h2>Architectures</h2>
      <fieldset className="choice">
        <legend>Order</legend>
        <label>
          <input type="radio" name="order" checked={order === 'best'} onChange={() => setOrder('best')} /> best first
        </label>
        <label>
          <input type="radio" name="order" checked={order === 'latest'} onChange={() => setOrder('latest')} /> latest first
        </label>
      </fieldset>
      <section className="rows" ref={scroller} tabIndex={0} aria-label="architectures">
        <div className="row head">
          <span>#</span>
          <span>reward</span>
          <span>{metricName(score)}</span>
          <span>params</span>
          <span>mult-adds</span>
          <span>genotype</span>
        </div>
        <div className="sheet" ref={(element) => element?.style.setProperty('height', `${virtual.getTotalSize()}px`)}>
          {places.map(({ index, start, key }) => {
            const trial = rowAt(index);
            return (
              <div className="row" key={key} ref={(element) => element?.style.setProperty('transform', `translateY(${start}px)`)}>
                {trial ? (
                  <>
                    <a href={addresses.trial(run, trial.index)}>#{trial.index}</a>
                    <span>{figure(trial.reward, 4)}</span>
                    <span>{figure(trial.score, 4)}</span>
                    <span>{figure(trial.parameters, 2, 1e6)} M</span>
                    <span>{figure(trial.multiplyAdds, 2, 1e9)} G</span>
                    <code>
                      {trial.genotype}
                      {trial.error !== undefined && ` failed: ${trial.error}`}
                      {trial.reusedFrom !== undefined && ` as #${trial.reusedFrom}`}
                    </code>
                  </>
                ) : (
                  <span>…</span>
                )}
              </div>
            );
          })}
        </div>
      </section>
    </section>
  );
}
