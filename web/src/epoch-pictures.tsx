// What a network in training sees in the same few validation images, epoch by epoch.

import { useMemo } from 'react';
import type { TrainingView } from '../../src/server/api.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { trainingAddresses } from './addresses';
import { useChosen } from './route';
import { SeenPictures } from './seen-pictures';

export function EpochPictures({ view: { run, output, score, seen } }: { readonly view: TrainingView }) {
  const [chosen, choose] = useChosen();
  const asked = Number(chosen.get('epoch') ?? Number.NaN);
  const place = seen.findIndex(({ epoch }) => epoch === asked);
  const at = place < 0 ? seen.length - 1 : place;
  const shown = seen[at];
  const pictures = useMemo(
    () =>
      (shown?.pictures ?? []).map(({ image, score: own }) => ({
        key: String(image),
        title: `image ${image + 1}: ${metricName(score)} ${own.toFixed(2)}`,
        photo: trainingAddresses.photo(run, image),
        truth: trainingAddresses.truth(run, image),
        prediction: trainingAddresses.prediction(run, shown?.epoch ?? 0, image),
      })),
    [run, score, shown],
  );
  if (!shown) return null;
  return (
    <section className="validation">
      <h2>What it sees</h2>
      <p className="note">
        {`${pictures.length} images of the validation list, evenly taken and the same in every epoch, each with its own ${metricName(score)}. None of them was learnt.`}
      </p>
      <div className="tools">
        <label>
          epoch{' '}
          <input
            type="range"
            min="0"
            max={seen.length - 1}
            step="1"
            value={at}
            onChange={({ target }) => {
              const last = Number(target.value) === seen.length - 1;
              // The last one goes on with the training.
              choose({ epoch: last ? undefined : String(seen[Number(target.value)]?.epoch) });
            }}
          />{' '}
          <output data-fact="epoch">{shown.epoch}</output>
        </label>
      </div>
      <SeenPictures output={output} pictures={pictures} />
    </section>
  );
}
