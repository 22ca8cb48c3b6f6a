// One search, as it goes.

import { use, useMemo, useState } from 'react';
import type { CostName, RunCharts, RunView } from '../../src/server/api.js';
import { AddressContext } from './addresses';
import { Boundary } from './boundary';
import { Findings } from './findings';
import { connectionChart, costNames, costs, entropyChart, opChart, paceChart, paretoChart, rewardChart, stoppedChart } from './charts';
import { inputEffectChart, opEffectChart } from './effect-charts';
import { measuredText } from './measured-on';
import { RunFacts } from './run-facts';
import { TrialTable } from './trial-table';
import { Chart } from './plot';
import { type RowsOf, serverRows, useCharts } from './source';
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
  /** Data, preset and machine are shown at once, as where nobody can unfold them: on paper. */
  readonly isUnfolded?: boolean;
  /** Rows that there are, where they are not all. */
  readonly rowCount?: number;
}

export function Run({ view, charts, rowsOf, isUnfolded = false, rowCount = view.done }: RunProps) {
  const { run, state, done, live, events } = view;
  return (
    <>
      <h1>{run}</h1>
      <RunFacts view={view} isUnfolded={isUnfolded} />
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
          <TrialTable
            view={view}
            version={`${view.id} ${done}`}
            rowsOf={rowsOf}
            hasLatency={(charts?.fronts.latency.index.length ?? 0) > 0}
          />
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

function Charts({ view, charts }: { readonly view: RunView; readonly charts: RunCharts }) {
  const { run, stages } = view;
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
      opEffects: opEffectChart(charts),
      inputEffects: inputEffectChart(charts),
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
  const note = `Rewards are of ${measuredText(view)}.`;
  return (
    <>
      <Chart title="Reward of every architecture" {...drawn.reward} note={note} onPick={open} />
      <div className="columns">
        <Chart
          title="The front: what no other architecture beats in both"
          {...pareto}
          note={note}
          onPick={open}
          choice={
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
          }
        />
        <Chart title="Architectures an hour" {...drawn.pace} />
        {charts.entropy.observed.length > 0 && <Chart title="Entropy of the policy" {...drawn.entropy} />}
        {stages === 2 && <Chart title="Stopped after the first stage" {...drawn.stopped} />}
      </div>
      <div className="columns">
        <Chart title="Ops chosen, per cent" {...drawn.ops} />
        <Chart title="Inputs of blocks chosen, per cent" {...drawn.connections} />
        {charts.opEffects.length > 0 && <Chart title="Ops that go with the reward" {...drawn.opEffects} note={effectNote} />}
        {charts.inputEffects.length > 0 && (
          <Chart title="Inputs of blocks that go with the reward" {...drawn.inputEffects} note={effectNote} />
        )}
      </div>
    </>
  );
}

const effectNote =
  'Mean reward of the architectures that have it, less that of those that have not, with the 95 % interval of each alone (Welch). Choices are made together: no proof of a cause. Failed architectures are left out.';
