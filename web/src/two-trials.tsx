// Two architectures side by side: their figures with the difference, their networks with what differs marked, their pictures.

import type { RunView, TrialView } from '../../src/server/api.js';
import { channelNames } from '../../src/core/task/channels.js';
import { metricName, orderedMetrics } from '../../src/core/task/metric-names.js';
import { shareText } from '../../src/core/task/share-text.js';
import { Boundary } from './boundary';
import { measuredText } from './measured-on';
import { NetworkDrawing } from './network-drawing';
import { runAddress } from './route';
import { ValidationPictures } from './validation-pictures';

export interface TwoTrialsProps {
  readonly run: RunView;
  readonly left: TrialView;
  readonly right: TrialView;
}

export function TwoTrials({ run, left, right }: TwoTrialsProps) {
  const both = [left, right] as const;
  return (
    <>
      <h1>
        {run.run} #{left.trial.index} beside #{right.trial.index}
      </h1>
      <Figures run={run} left={left} right={right} />
      <p className="note">{`Of ${measuredText(run)}.`}</p>
      <div className="beside">
        {both.map(({ trial }, k) => (
          <section key={trial.index} aria-label={`#${trial.index}`}>
            <h2>
              <a href={`${runAddress(run.run)}/${trial.index}`}>#{trial.index}</a>
            </h2>
            <p>
              <code className="genotype">{trial.genotype}</code>
            </p>
            <Boundary what="The network cannot be drawn">
              <NetworkDrawing
                genotype={trial.genotypeJson}
                beside={both[1 - k]?.trial.genotypeJson}
                outputs={channelNames(run.output).length}
                width={run.decoder.width}
                sepRepeats={run.decoder.sepRepeats}
                inputSize={run.inputSize}
              />
            </Boundary>
          </section>
        ))}
      </div>
      <p className="note">Boxes with a thick border are another op than in the other one, or take their inputs from elsewhere.</p>
      <div className="beside">
        {both.map(({ trial, pictures }) => (
          <div key={trial.index}>{pictures.length > 0 && <ValidationPictures run={run} index={trial.index} pictures={pictures} />}</div>
        ))}
      </div>
    </>
  );
}

interface Row {
  readonly name: string;
  readonly of: (view: TrialView) => number | null | undefined;
  readonly text: (value: number) => string;
}

function Figures({ run, left, right }: TwoTrialsProps) {
  const share = (value: number): string => shareText(value, run.scoredImages);
  const metrics = orderedMetrics({ ...left.trial.metrics, ...right.trial.metrics });
  const rows: Row[] = [
    { name: 'reward', of: ({ trial }) => trial.reward, text: share },
    ...metrics.map(([metric]): Row => ({ name: metricName(metric), of: ({ trial }) => trial.metrics[metric], text: share })),
    { name: 'parameters (M)', of: ({ trial }) => scaled(trial.parameters, 1e6), text: (value) => value.toFixed(2) },
    { name: 'multiply-adds (G)', of: ({ trial }) => scaled(trial.multiplyAdds, 1e9), text: (value) => value.toFixed(2) },
    { name: 'latency (ms)', of: ({ trial }) => trial.latency, text: (value) => value.toFixed(1) },
    { name: 'training and validation (s)', of: ({ trial }) => trial.seconds, text: (value) => value.toFixed(0) },
  ];
  return (
    <section className="scroll" tabIndex={0} aria-label="figures of both">
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">figure</th>
            <th scope="col" className="number">
              #{left.trial.index}
            </th>
            <th scope="col" className="number">
              #{right.trial.index}
            </th>
            <th scope="col" className="number">
              difference
            </th>
          </tr>
        </thead>
        <tbody>
          {rows
            .filter(({ of }) => isFigure(of(left)) || isFigure(of(right)))
            .map(({ name, of, text }) => {
              const [a, b] = [of(left), of(right)];
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className="number">{isFigure(a) ? text(a) : '–'}</td>
                  <td className="number">{isFigure(b) ? text(b) : '–'}</td>
                  <td className="number">{isFigure(a) && isFigure(b) ? signed(text(Math.abs(b - a)), b - a) : '–'}</td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </section>
  );
}

function isFigure(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

function scaled(value: number | null, unit: number): number | null {
  return value === null ? null : value / unit;
}

function signed(text: string, difference: number): string {
  // Where it rounds to nothing it has no sign.
  return Number(text) === 0 ? text : `${difference < 0 ? '−' : '+'}${text}`;
}
