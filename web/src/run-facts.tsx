// What a search is about: its data, its preset and in what that differs from the shipped one, its limits, when it was begun and how long
// it takes.

import { use } from 'react';
import type { NearestPreset, RunView } from '../../src/server/api.js';
import { channelNames } from '../../src/core/task/channels.js';
import { shareText } from '../../src/core/task/share-text.js';
import { AddressContext } from './addresses';
import { doneText } from './ending-text';
import { Fact } from './facts';
import { classesText, imagesText } from './measured-on';
import { dateText, spanText } from './numbers';

export function RunFacts({ view, isUnfolded }: { readonly view: RunView; readonly isUnfolded: boolean }) {
  const { run, state, ending, strategy, done, best, candidates, perHour, seed, seconds, secondsLeft, begun, version, images, preset } =
    view;
  const addresses = use(AddressContext);
  const classes = view.output.task === 'segmentation' ? channelNames(view.output) : [];
  return (
    <>
      <dl className="facts">
        <Fact name="state" value={<span className={`state ${state}`}>{state}</span>} />
        <Fact name="done" value={<span data-fact="done">{doneText(done, candidates, ending)}</span>} />
        <Fact
          name="best reward"
          value={
            best ? (
              <a
                data-fact="best"
                href={addresses.trial(run, best.index)}
              >{`${shareText(best.reward, view.scoredImages)} (#${best.index})`}</a>
            ) : (
              '–'
            )
          }
        />
        <Fact name="architectures an hour" value={perHour?.toFixed(1) ?? '–'} />
        {seconds !== null && <Fact name="time so far" value={spanText(seconds)} />}
        {secondsLeft !== null && <Fact name="time left" value={`about ${spanText(secondsLeft)}`} />}
        {begun !== null && <Fact name="begun" value={dateText(begun)} />}
      </dl>
      <p className="note">
        {`Reward: ${view.reward}, of ${imagesText(view)}`}
        {classesText(view) !== '' && `; ${classesText(view)}`}. It compares the architectures of this search, and is no figure of a finished
        network.
      </p>
      <details className="more-facts" open={isUnfolded}>
        <summary>Data, preset and machine</summary>
        <dl className="facts">
          <Fact name="data" value={view.data} />
          {images !== null && <Fact name="images of the training list" value={images.toLocaleString('en')} />}
          <Fact name="task" value={view.task} />
          {classes.length > 0 && <Fact name={`${classes.length} classes`} value={classes.join(', ')} />}
          <Fact name="strategy" value={`${strategy}, seed ${seed}`} />
          <Fact name="encoder" value={view.encoder} />
          <Fact name="limits" value={view.limits.length === 0 ? 'none' : view.limits.join(', ')} />
          {view.target !== null && <Fact name="latency predicted for" value={view.target} />}
          {view.device !== null && <Fact name="trained on" value={view.device} />}
          {version !== null && <Fact name="version" value={version} />}
        </dl>
        {preset && <PresetDifferences preset={preset} />}
      </details>
    </>
  );
}

function PresetDifferences({ preset: { name, differences } }: { readonly preset: NearestPreset }) {
  if (differences.length === 0) return <p className="note">{`The preset is the shipped ${name}.`}</p>;
  return (
    <>
      <p className="note">{`Of the shipped presets ${name} is the nearest; this one differs in ${differences.length} ${differences.length === 1 ? 'key' : 'keys'}:`}</p>
      <section className="scroll" tabIndex={0} aria-label="keys of the preset that differ">
        <table className="differences">
          <thead>
            <tr>
              <th scope="col">key</th>
              <th scope="col">here</th>
              <th scope="col">{name}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ key, here, shipped }) => (
              <tr key={key}>
                <td>
                  <code>{key}</code>
                </td>
                <td>{here || '–'}</td>
                <td>{shipped || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
