// What an architecture's network sees in images that it did not learn: its best, a middling one and its worst.

import { use, useMemo } from 'react';
import type { PictureEntry, RunView } from '../../src/server/api.js';
import { metricName } from '../../src/core/task/metric-names.js';
import { AddressContext } from './addresses';
import { SeenPictures } from './seen-pictures';

export interface ValidationPicturesProps {
  readonly run: RunView;
  /** The trial's. */
  readonly index: number;
  /** Best first. */
  readonly pictures: readonly PictureEntry[];
}

export function ValidationPictures({ run, index, pictures }: ValidationPicturesProps) {
  const addresses = use(AddressContext);
  const shown = useMemo(
    () =>
      pictures.map((entry, place) => ({
        key: String(entry.image),
        title: titleOf(run, place, entry, pictures.length),
        photo: addresses.photo(run.run, entry.image),
        truth: addresses.truth(run.run, entry.image),
        prediction: addresses.prediction(run.run, index, entry.image),
      })),
    [pictures, addresses, run, index],
  );
  return (
    <section className="validation">
      <h2>What it sees</h2>
      <p className="note">{whichImages(run, pictures)}</p>
      <SeenPictures output={run.output} pictures={shown} />
    </section>
  );
}

const ranks = ['the best', 'a middling one', 'the worst'] as const;

function whichImages({ output, scoredImages, score }: RunView, pictures: readonly PictureEntry[]): string {
  const things = output.task === 'pose' ? 'people' : 'images';
  const from =
    scoredImages === null
      ? `the ${things} that scored architectures, a held-out part of the training list`
      : `the ${scoredImages} ${things} that scored this architecture, a held-out part of the training list`;
  if (pictures.some((picture) => picture.score === null)) return `Some of ${from}.`;
  return `${pictures.length === 3 ? 'Its best, a middling and its worst' : 'All'} of ${from}, each by its own ${metricName(score)}. None of them was learnt.`;
}

function titleOf({ score }: RunView, place: number, { image, score: own }: PictureEntry, count: number): string {
  if (own === null) return `image ${image + 1}`;
  const rank = count === 3 ? `${ranks[place]}: ` : '';
  return `${rank}${metricName(score)} ${own.toFixed(2)}, image ${image + 1}`;
}
