// All searches, trainings and fits, and several of them in one chart.

import { useMemo } from 'react';
import type { ListedRun } from '../../src/server/api.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { type ComparedCurve, searchComparison, trainingComparison } from './comparison-charts';
import { comparedIn, signOf, toggled } from './compared';
import { Chart } from './plot';
import { runAddress, useChosen } from './route';
import { RunTable } from './run-table';
import { useRunCharts, useRuns, useTrainings } from './source';
import { useTitle } from './title';

export function RunsPage() {
  const runs = useRuns();
  const [chosen, choose] = useChosen();
  useTitle('Runs');
  if (!runs) return <p className="note">loading…</p>;
  if (runs.length === 0) return <p className="note">There is nothing here yet. Begin with: auxcell demo</p>;
  const compared = comparedIn(chosen);
  const comparison = {
    isChosen: (run: string) => compared.some((one) => one.run === run),
    toggle: (run: string) => choose(toggled(compared, run)),
  };
  const kinds = new Map(runs.flatMap((entry): [string, ListedRun][] => (entry.state === 'damaged' ? [] : [[entry.run, entry]])));
  const slots = compared.flatMap((one) => {
    const entry = kinds.get(one.run);
    return entry ? [{ ...one, entry }] : [];
  });
  return (
    <>
      <h1>Runs</h1>
      <RunTable entries={runs} comparison={comparison} />
      <Searches slots={slots.filter(({ entry }) => entry.kind === 'search')} />
      <Trainings slots={slots.filter(({ entry }) => entry.kind === 'training')} />
    </>
  );
}

interface Slots {
  readonly slots: readonly { readonly run: string; readonly slot: number; readonly entry: ListedRun }[];
}

const keyOf = (curves: readonly ComparedCurve[]) => curves.map(({ run, slot }) => ({ name: run, ...signOf(slot), href: runAddress(run) }));

function Searches({ slots }: Slots) {
  const charts = useRunCharts(slots.map(({ run, entry }) => ({ run, version: String(entry.done) })));
  const slotOf = new Map(slots.map(({ run, slot }) => [run, slot]));
  const curves = charts.flatMap(({ run, charts: { best } }) => {
    const slot = slotOf.get(run);
    return slot === undefined ? [] : [{ run, slot, x: best.minutes, y: best.value }];
  });
  const text = JSON.stringify(curves);
  const options = useMemo(() => searchComparison(JSON.parse(text)), [text]);
  if (curves.length === 0) return null;
  return <Chart title="Searches compared: best reward against time" options={options} keyOf={keyOf(curves)} />;
}

function Trainings({ slots }: Slots) {
  const views = useTrainings(slots.map(({ run, entry }) => ({ run, version: String(entry.done) })));
  const slotOf = new Map(slots.map(({ run, slot }) => [run, slot]));
  const scores = [...new Set(views.map(({ score }) => score))];
  return (
    <>
      {scores.map((score) => {
        const same = views.filter((view) => view.score === score);
        const curveOf = (what: (point: (typeof same)[number]['history'][number]) => number | undefined): ComparedCurve[] =>
          same.flatMap(({ run, history }) => {
            const slot = slotOf.get(run);
            const points = history.flatMap((point) => {
              const y = what(point);
              return y === undefined ? [] : [{ x: point.epoch, y }];
            });
            return slot === undefined ? [] : [{ run, slot, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
          });
        return (
          <div className="columns" key={score}>
            <Compared
              title={`Trainings compared: ${metricName(score)} on the validation list`}
              label={metricName(score)}
              curves={curveOf(({ metrics }) => metrics?.[score])}
              areShares={!metricName(score).endsWith('(m)')}
            />
            <Compared
              title="Trainings compared: mean loss of an epoch"
              label="loss"
              curves={curveOf(({ loss }) => loss)}
              areShares={false}
            />
          </div>
        );
      })}
    </>
  );
}

interface ComparedProps {
  readonly title: string;
  readonly label: string;
  readonly curves: readonly ComparedCurve[];
  readonly areShares: boolean;
}

function Compared({ title, label, curves, areShares }: ComparedProps) {
  const text = JSON.stringify(curves);
  const options = useMemo(() => trainingComparison(JSON.parse(text), label, areShares), [text, label, areShares]);
  return <Chart title={title} options={options} keyOf={keyOf(curves)} />;
}
