// One architecture: its network, how it was trained, where it is right and wrong.

import { useMemo } from 'react';
import * as Plot from '@observablehq/plot';
import type { Breakdown, RunView, TrialView } from '../../src/server/api.js';
import { channelNames } from '../../src/core/task/channels.js';
import { metricName, orderedMetrics } from '../../src/core/task/metric-names.js';
import { ConfusionMatrix } from '../../src/core/task/segmentation.js';
import { shareText } from '../../src/core/task/share-text.js';
import { Boundary } from './boundary';
import { CopyButton } from './copy-button';
import { countTicks, shareScale, textOn } from './charts';
import { imagesText, leftOut, measuredText } from './measured-on';
import { NetworkDrawing } from './network-drawing';
import { spanText } from './numbers';
import { Chart } from './plot';
import { useChosen } from './route';
import { useTrial } from './source';
import { useTitle } from './title';
import { TrialNavigation } from './trial-navigation';
import { TwoTrials } from './two-trials';
import { UseIt } from './use-it';
import { ValidationPictures } from './validation-pictures';

export function TrialPage({ run, index }: { readonly run: string; readonly index: number }) {
  const [chosen] = useChosen();
  const other = Number(chosen.get('beside') ?? Number.NaN);
  const isBeside = Number.isInteger(other) && other > 0 && other !== index;
  useTitle(isBeside ? `#${index} beside #${other}` : `#${index}`, run);
  const loaded = useTrial(run, index);
  const beside = useTrial(run, isBeside ? other : index);
  if (!loaded || !beside) return <p className="note">loading…</p>;
  if ('error' in loaded) return <p className="note">{loaded.error}</p>;
  return (
    <>
      <TrialNavigation run={run} index={index} />
      {isBeside && 'error' in beside && <p className="note">{`#${other}: ${beside.error}`}</p>}
      {isBeside && 'value' in beside ? (
        <TwoTrials run={loaded.value.run} left={loaded.value.trial} right={beside.value.trial} />
      ) : (
        <TrialDetails {...loaded.value} />
      )}
    </>
  );
}

export function TrialDetails({ run, trial: { trial, epochs, breakdown, pictures } }: { readonly run: RunView; readonly trial: TrialView }) {
  const { genotype } = trial;
  const { scoredImages } = run;
  const digits = (value: number): string => shareText(value, scoredImages);
  const measured = `Of ${measuredText(run)}.`;
  const curve = useMemo(() => {
    const data = epochs.map(({ stage, epoch, loss }, i) => ({ at: i + 1, loss, name: `stage ${stage}, epoch ${epoch}` }));
    return {
      x: { label: 'epoch', ticks: countTicks(1, data.length), tickFormat: 'd' },
      y: { label: 'mean loss', grid: true },
      marks: [
        Plot.lineY(data, { x: 'at', y: 'loss', stroke: 'var(--c0)' }),
        Plot.dot(data, { x: 'at', y: 'loss', fill: 'var(--c0)', title: 'name', tip: true }),
      ],
    };
  }, [epochs]);
  return (
    <>
      <h1>
        {run.run} #{trial.index}
      </h1>
      <dl className="facts">
        <div>
          <dt>reward</dt>
          <dd data-fact="reward">{trial.reward === null || trial.error !== undefined ? '–' : digits(trial.reward)}</dd>
        </div>
        {orderedMetrics(trial.metrics).map(([metric, value]) => (
          <div key={metric}>
            <dt>{metricName(metric)}</dt>
            <dd>{value === null ? 'not a number' : digits(value)}</dd>
          </div>
        ))}
        <div>
          <dt>parameters</dt>
          <dd>{trial.parameters === null ? '–' : `${(trial.parameters / 1e6).toFixed(2)} M`}</dd>
        </div>
        <div>
          <dt>multiply-adds at {`${run.inputSize[1]}×${run.inputSize[0]}`}</dt>
          <dd>{trial.multiplyAdds === null ? '–' : `${(trial.multiplyAdds / 1e9).toFixed(2)} G`}</dd>
        </div>
        {trial.latency !== null && (
          <div>
            <dt>latency</dt>
            <dd>{trial.latency.toFixed(1)} ms</dd>
          </div>
        )}
        {trial.seconds !== null && (
          <div>
            <dt>training and validation</dt>
            <dd>{spanText(trial.seconds)}</dd>
          </div>
        )}
        {run.timings
          .filter(({ trial: of }) => of === trial.index)
          .map(({ device, predicted, measured: { median } }) => (
            <div key={device}>
              <dt>one image on {device}</dt>
              <dd data-fact="on device">
                {median.toFixed(1)} ms{predicted !== null && ` (predicted ${predicted.toFixed(1)} ms)`}
              </dd>
            </div>
          ))}
      </dl>
      <p className="note">
        {`Reward (${run.reward}) and figures are of ${measuredText(run)}. None of them was learnt; the network was trained for a short while only.`}
      </p>
      {trial.error !== undefined && <p className="note">It failed: {trial.error}</p>}
      {trial.reusedFrom !== undefined && <p className="note">The same network as #{trial.reusedFrom}, whose reward it has.</p>}
      <p>
        <code className="genotype">{genotype}</code> <CopyButton text={genotype} what="genotype" />
      </p>
      <Boundary what="The network cannot be drawn">
        <NetworkDrawing
          genotype={trial.genotypeJson}
          outputs={channelNames(run.output).length}
          width={run.decoder.width}
          sepRepeats={run.decoder.sepRepeats}
          inputSize={run.inputSize}
        />
      </Boundary>
      <UseIt run={run} index={trial.index} />
      {pictures.length > 0 && <ValidationPictures run={run} index={trial.index} pictures={pictures} />}
      <div className="columns">
        {epochs.length > 0 && <Chart title="Mean loss of an epoch, in training" options={curve} />}
        <Boundary what="What it finds cannot be drawn">
          {breakdown && <Parts breakdown={breakdown} names={channelNames(run.output)} excluded={leftOut(run)} note={measured} />}
        </Boundary>
      </div>
      <Boundary what="The confusion cannot be drawn">
        {breakdown?.kind === 'confusion' && (
          <Confusion counts={breakdown.counts} names={channelNames(run.output)} note={`Of ${imagesText(run)}.`} />
        )}
      </Boundary>
    </>
  );
}

interface Noted {
  readonly names: readonly string[];
  /** Of which images. */
  readonly note: string;
}

/** How good it is at every class, joint or distance. */
function Parts({ breakdown, names, excluded, note }: Noted & { readonly breakdown: Breakdown; readonly excluded: ReadonlySet<number> }) {
  switch (breakdown.kind) {
    case 'confusion':
      return <Classes counts={breakdown.counts} names={names} excluded={excluded} note={note} />;
    case 'joints':
      return (
        <Shares
          title="Found, of the joints to be seen"
          what="joint"
          names={names}
          of={breakdown.counted}
          hits={breakdown.found}
          note={note}
        />
      );
    case 'distances': {
      const { edges, pixels, close } = breakdown;
      const ranges = pixels.map((_, i) => `${edges[i]?.toFixed(1)} to ${edges[i + 1]?.toFixed(1)} m`);
      return <Shares title="δ < 1.25 by true distance" what="distance" names={ranges} of={pixels} hits={close} note={note} />;
    }
  }
}

interface SharesProps extends Noted {
  readonly title: string;
  readonly what: string;
  readonly of: readonly number[];
  readonly hits: readonly number[];
}

/** Hits of a number, by name. */
function Shares({ title, what, names, of, hits, note }: SharesProps) {
  const options = useMemo(() => {
    const data = names.map((name, k) => ({
      name,
      share: of[k] ? (hits[k] ?? 0) / (of[k] ?? 1) : 0,
      text: `${((100 * (hits[k] ?? 0)) / (of[k] || 1)).toFixed(1)} %`,
    }));
    return {
      height: 70 + 24 * names.length,
      x: { label: 'share', domain: [0, 1], grid: true },
      y: { label: null, ariaLabel: what, domain: [...names] },
      marks: [
        Plot.barX(data, { x: 'share', y: 'name', fill: 'var(--c0)' }),
        Plot.text(data, { x: 'share', y: 'name', text: 'text', textAnchor: 'start', dx: 4, fill: 'currentColor' }),
      ],
    };
  }, [names, of, hits, what]);
  return <Chart title={title} options={options} note={note} />;
}

interface ConfusionProps extends Noted {
  /** counts[truth · classes + prediction] */
  readonly counts: readonly number[];
}

/** IoU of every class; those that the mean leaves out are pale, and say so. */
function Classes({ counts, names, excluded, note }: ConfusionProps & { readonly excluded: ReadonlySet<number> }) {
  const options = useMemo(() => {
    const k = names.length;
    const scores = ConfusionMatrix.of(counts, k).perClass();
    // A class that occurs neither in the truth nor in a prediction has no IoU.
    const named = names.map((name, c) => (excluded.has(c) ? `${name} (not in the mean)` : name));
    const data = named.map((name, c) => ({ name, iou: scores[c]?.iou || 0, isOut: excluded.has(c), pixels: scores[c]?.pixels ?? 0 }));
    return {
      height: 70 + 24 * k,
      x: { label: 'IoU', domain: [0, 1], grid: true },
      y: { label: null, domain: named },
      marks: [
        Plot.barX(data, {
          x: 'iou',
          y: 'name',
          fill: (d: { isOut: boolean }) => (d.isOut ? 'var(--panel)' : 'var(--c0)'),
          stroke: 'var(--c0)',
          strokeDasharray: '3 3',
        }),
        Plot.text(data, {
          x: 'iou',
          y: 'name',
          text: (d: { iou: number; pixels: number }) => (d.pixels === 0 ? 'not in the truth' : d.iou.toFixed(3)),
          textAnchor: 'start',
          dx: 4,
          fill: 'currentColor',
        }),
      ],
    };
  }, [counts, names, excluded]);
  return <Chart title="IoU of each class" options={options} note={note} />;
}

function Confusion({ counts, names, note }: ConfusionProps) {
  const options = useMemo(() => {
    const k = names.length;
    const data = names.flatMap((truth, t) => {
      const row = counts.slice(t * k, (t + 1) * k);
      const total = row.reduce((a, b) => a + b, 0);
      return row.map((n, p) => ({ truth, prediction: names[p] ?? '', share: total === 0 ? 0 : n / total }));
    });
    return {
      height: 110 + 32 * k,
      x: {
        label: 'prediction',
        domain: [...names],
        tickRotate: -40,
        labelOffset: Math.min(130, 34 + 4.5 * Math.max(...names.map(({ length }) => length))),
      },
      y: { label: 'truth', domain: [...names] },
      color: shareScale(1),
      marks: [
        Plot.cell(data, { x: 'prediction', y: 'truth', fill: 'share', inset: 0.5 }),
        Plot.text(data, {
          x: 'prediction',
          y: 'truth',
          text: (d: { share: number }) => (d.share < 0.005 ? '' : `${Math.round(100 * d.share)}`),
          fill: (d: { share: number }) => textOn(d.share),
        }),
      ],
    };
  }, [counts, names]);
  return <Chart title="Confusion, per cent of each class's pixels" options={options} note={note} />;
}
