// One full training, as it goes: loss, rates and figures by epoch, what it sees in the same few images over the epochs, the time left.

import { useMemo } from 'react';
import type { TrainingView } from '../../src/server/api.js';
import { channelNames } from '../../src/core/task/channels.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { trainingAddresses } from './addresses';
import { Boundary } from './boundary';
import { EpochPictures } from './epoch-pictures';
import { doneText } from './ending-text';
import { Fact } from './facts';
import { Findings } from './findings';
import { NetworkDrawing } from './network-drawing';
import { dateText, spanText } from './numbers';
import { Chart } from './plot';
import { useTitle } from './title';
import { UseTraining } from './use-it';
import { lossChart, metricCharts, rateChart } from './training-charts';

export function TrainingPage({ view }: { readonly view: TrainingView }) {
  const { run, state, history, epochs, best, score, live, seconds, secondsLeft, images } = view;
  useTitle(run);
  const drawn = useMemo(() => ({ loss: lossChart(history), rate: rateChart(history), metrics: metricCharts(history) }), [history]);
  const measured = `${images === null ? 'All images' : `${images.val.toLocaleString('en')} images`} of the validation list, seen at ${view.inputSize[1]}×${view.inputSize[0]}${excludedText(view)}.`;
  return (
    <>
      <h1>{run}</h1>
      <dl className="facts">
        <Fact name="state" value={<span className={`state ${state}`}>{state}</span>} />
        <Fact name="epochs" value={doneText(history.length, epochs, view.ending)} fact="done" />
        <Fact name={`best ${metricName(score)}`} value={best ? `${best.value.toFixed(3)} (epoch ${best.epoch})` : '–'} fact="best" />
        <Fact name="time in steps" value={spanText(seconds)} />
        {secondsLeft !== null && <Fact name="time left" value={`about ${spanText(secondsLeft)}`} fact="left" />}
        {view.begun !== null && <Fact name="begun" value={dateText(view.begun)} />}
        <Fact name="task" value={view.task} />
        <Fact name="data" value={view.data} />
        {images !== null && (
          <Fact name="images to learn, to validate" value={`${images.train.toLocaleString('en')}, ${images.val.toLocaleString('en')}`} />
        )}
        <Fact name="batch" value={view.batch} />
        <Fact name="width, sepRepeats" value={`${view.decoder.width}, ${view.decoder.sepRepeats}`} />
        <Fact name="encoder" value={view.encoder} />
        <Fact name="seed" value={view.seed} />
        {view.version !== null && <Fact name="version" value={view.version} />}
      </dl>
      {live && (
        <section aria-label="the epoch at hand">
          <h2>Now</h2>
          <p className="live" data-fact="live">
            epoch {live.epoch} of {epochs}, step {live.step}/{live.steps}
            {live.loss !== null && `, loss ${live.loss.toFixed(3)}`}{' '}
            <progress aria-label="progress of the epoch" max={live.steps} value={live.step} />
          </p>
        </section>
      )}
      <Findings findings={view.findings} />
      <div className="tools">
        {history.length > 0 && (
          <a className="button" href={trainingAddresses.csv(run)} download>
            epochs as CSV
          </a>
        )}
      </div>
      {history.length === 0 ? (
        <p className="note">No epoch is finished yet.</p>
      ) : (
        <Boundary what="The curves cannot be drawn">
          <div className="columns">
            <Chart title="Mean loss of an epoch, on the training list" {...drawn.loss} />
            {drawn.metrics.map(({ title, ...chart }) => (
              <Chart key={title} title={title} {...chart} note={measured} />
            ))}
            <Chart title="Learning rate at the beginning of an epoch" {...drawn.rate} />
          </div>
        </Boundary>
      )}
      <Boundary what="Its pictures cannot be shown">{view.seen.length > 0 && <EpochPictures view={view} />}</Boundary>
      <UseTraining view={view} />
      <h2>Its network</h2>
      <p>
        <code className="genotype">{view.genotype}</code>
      </p>
      {view.genotypeJson !== null && (
        <Boundary what="The network cannot be drawn">
          <NetworkDrawing
            genotype={view.genotypeJson}
            outputs={channelNames(view.output).length}
            width={view.decoder.width}
            sepRepeats={view.decoder.sepRepeats}
            inputSize={view.inputSize}
          />
        </Boundary>
      )}
    </>
  );
}

function excludedText({ output, excluded }: TrainingView): string {
  if (output.task !== 'segmentation') return '';
  const names = channelNames(output);
  const out = excluded.map((label) => names[label] ?? `class ${label}`);
  return `; means over ${names.length - out.length} classes${out.length > 0 ? `, without ${out.join(', ')}` : ''}`;
}
