// All runs, and several of them in one chart.

import { useMemo, useState } from 'react';
import { comparisonChart } from './charts';
import { Chart } from './plot';
import { useRunCharts, useRuns } from './source';

export function RunsPage() {
  const runs = useRuns();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const views = useRunCharts(chosen);
  const options = useMemo(() => comparisonChart(views), [views]);
  if (!runs) return <p className="note">loading…</p>;
  if (runs.length === 0) return <p className="note">There is no search here yet. Begin one with: auxcell demo</p>;
  const readable = runs.filter((entry) => entry.state !== 'damaged');
  const damaged = runs.filter((entry) => entry.state === 'damaged');
  const toggle = (run: string): void => setChosen(chosen.includes(run) ? chosen.filter((name) => name !== run) : [...chosen, run]);
  return (
    <>
      <h1>Runs</h1>
      <section className="scroll" tabIndex={0} aria-label="runs">
        <table>
          <thead>
            <tr>
              <th scope="col">compare</th>
              <th scope="col">run</th>
              <th scope="col">state</th>
              <th scope="col">strategy</th>
              <th scope="col" className="number">
                done
              </th>
              <th scope="col" className="number">
                best
              </th>
              <th scope="col" className="number">
                an hour
              </th>
              <th scope="col">rewards</th>
            </tr>
          </thead>
          <tbody>
            {readable.map(({ run, state, strategy, done, candidates, best, perHour, rewards }) => (
              <tr key={run}>
                <td>
                  <input type="checkbox" aria-label={`compare ${run}`} checked={chosen.includes(run)} onChange={() => toggle(run)} />
                </td>
                <td>
                  <a href={`#/${encodeURIComponent(run)}`}>{run}</a>
                </td>
                <td>
                  <span className={`state ${state}`}>{state}</span>
                </td>
                <td>{strategy}</td>
                <td className="number">
                  {done}/{candidates}
                </td>
                <td className="number">{best?.toFixed(4) ?? '–'}</td>
                <td className="number">{perHour?.toFixed(1) ?? '–'}</td>
                <td>
                  <Sparkline values={rewards} />
                </td>
              </tr>
            ))}
            {damaged.map(({ run, state, reason }) => (
              <tr key={run}>
                <td />
                <td>{run}</td>
                <td>
                  <span className={`state ${state}`}>{state}</span>
                </td>
                <td colSpan={5}>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {views.length > 0 && <Chart title="Best reward against time" options={options} />}
    </>
  );
}

function Sparkline({ values }: { readonly values: readonly number[] }) {
  const [width, height] = [120, 24];
  const most = values.reduce((a, b) => Math.max(a, b), 1e-9);
  const points = values.map((v, i) => `${(i / Math.max(1, values.length - 1)) * width},${height - 1 - (v / most) * (height - 2)}`);
  return (
    <svg width={width} height={height} aria-hidden="true">
      <polyline points={points.join(' ')} className="spark" />
    </svg>
  );
}
