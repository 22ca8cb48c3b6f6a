// One search, as it goes.

import { useVirtualizer } from '@tanstack/react-virtual';
import { use, useMemo, useRef, useState } from 'react';
import type { RunView, TrialPoint } from '../../src/server/api.js';
import { metricName } from '../../src/task/metric-names.js';
import { connectionChart, type CostName, costs, entropyChart, opChart, paceChart, paretoChart, rewardChart, stoppedChart } from './charts';
import { AddressContext } from './addresses';
import { Chart } from './plot';
import { useRun } from './source';

export function RunPage({ name }: { readonly name: string }) {
  const loaded = useRun(name);
  if (!loaded) return <p className="note">loading…</p>;
  if ('error' in loaded) return <p className="note">{loaded.error}</p>;
  return <Run view={loaded.value} />;
}

export function Run({ view }: { readonly view: RunView }) {
  const { run, state, strategy, trials, candidates, perHour, live, events, stages, seed, score } = view;
  const addresses = use(AddressContext);
  const [cost, setCost] = useState<CostName>('multiplyAdds');
  const best = trials.reduce<TrialPoint | undefined>((a, b) => (b.error === undefined && (!a || b.reward > a.reward) ? b : a), undefined);
  const charts = useMemo(
    () => ({
      reward: rewardChart(trials),
      pace: paceChart(trials),
      entropy: entropyChart(trials),
      ops: opChart(trials),
      connections: connectionChart(trials),
      stopped: stoppedChart(trials),
    }),
    [trials],
  );
  const pareto = useMemo(() => paretoChart(trials, cost), [trials, cost]);
  const open = (datum: unknown): void => {
    if (typeof datum !== 'object' || !datum || !('index' in datum)) return;
    const page = addresses.trial(run, Number(datum.index));
    if (page !== undefined) location.hash = page;
  };
  const measured = trials.some(({ latency }) => latency !== null);
  return (
    <>
      <h1>{run}</h1>
      <dl className="facts">
        <Fact name="state" value={<span className={`state ${state}`}>{state}</span>} />
        <Fact name="task" value={view.task} />
        <Fact name="strategy" value={`${strategy}, seed ${seed}`} />
        <Fact name="done" value={<span data-fact="done">{`${trials.length} of ${candidates}`}</span>} />
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
      {trials.length === 0 ? (
        <p className="note">No architecture is finished yet.</p>
      ) : (
        <>
          <Chart title="Reward: every architecture, their moving average (20) and the best so far" options={charts.reward} onPick={open} />
          <div className="columns">
            <div>
              <fieldset className="choice">
                <legend>Reward against</legend>
                {(Object.keys(costs) as CostName[])
                  .filter((name) => name !== 'latency' || measured)
                  .map((name) => (
                    <label key={name}>
                      <input type="radio" name="cost" checked={cost === name} onChange={() => setCost(name)} /> {costs[name].label}
                    </label>
                  ))}
              </fieldset>
              <Chart title="The front: what no other architecture beats in both" options={pareto} onPick={open} />
            </div>
            <Chart title="Architectures an hour" options={charts.pace} />
            {trials.some(({ entropy }) => entropy !== null) && <Chart title="Entropy of the policy" options={charts.entropy} />}
            {stages === 2 && <Chart title="Stopped after the first stage" options={charts.stopped} />}
            <Chart title="Ops chosen, per cent" options={charts.ops} />
            <Chart title="Inputs of blocks chosen, per cent" options={charts.connections} />
          </div>
          <TrialTable run={run} score={score} trials={trials} />
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

function Fact({ name, value }: { readonly name: string; readonly value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const rowHeight = 30;

interface TrialTableProps {
  readonly run: string;
  /** The metric beside the reward. */
  readonly score: string;
  readonly trials: readonly TrialPoint[];
}

/** All trials, best first; only the rows in view are in the document. */
function TrialTable({ run, score, trials }: TrialTableProps) {
  const addresses = use(AddressContext);
  const [byReward, setByReward] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => (byReward ? trials.toSorted((a, b) => b.reward - a.reward) : trials.toReversed()), [trials, byReward]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  return (
    <section>
      <h2>Architectures</h2>
      <fieldset className="choice">
        <legend>Order</legend>
        <label>
          <input type="radio" name="order" checked={byReward} onChange={() => setByReward(true)} /> best first
        </label>
        <label>
          <input type="radio" name="order" checked={!byReward} onChange={() => setByReward(false)} /> latest first
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
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const trial = rows[index];
            if (!trial) return null;
            return (
              <div className="row" key={key} ref={(element) => element?.style.setProperty('transform', `translateY(${start}px)`)}>
                <a href={addresses.trial(run, trial.index)}>#{trial.index}</a>
                <span>{trial.reward.toFixed(4)}</span>
                <span>{trial.score?.toFixed(4) ?? '–'}</span>
                <span>{(trial.parameters / 1e6).toFixed(2)} M</span>
                <span>{(trial.multiplyAdds / 1e9).toFixed(2)} G</span>
                <code>
                  {trial.genotype}
                  {trial.error !== undefined && ` failed: ${trial.error}`}
                  {trial.reusedFrom !== undefined && ` as #${trial.reusedFrom}`}
                </code>
              </div>
            );
          })}
        </div>
      </section>
    </section>
  );
}
