// A card as text for a terminal.

import { formatFinding } from '../data/index.js';
import { type DataCard, percent, type SplitCard } from './data-card.js';
import { aligned } from './aligned.js';

const splitWords = { train: 'training', val: 'validation' } as const;

export function cardText(card: DataCard): string {
  const { folder, layout, task, splits, findings } = card;
  const blocks = [
    `${folder}: ${layout}, for ${task}`,
    aligned([['list', card.truth.kind === 'joints' ? 'people' : 'samples', 'pictures', 'sizes'], ...splits.map(splitRow)]),
    aligned(truthRows(card)),
    ...(findings.length === 0 ? [] : [findings.map((finding) => formatFinding(finding)).join('\n')]),
    countsText(card),
  ];
  return blocks.join('\n\n');
}

function splitRow({ name, samples, pictures, sizes, otherSizes }: SplitCard): string[] {
  const listed = sizes.map(({ width, height, pictures: n }) => `${width}×${height} (${n})`);
  return [splitWords[name], String(samples), String(pictures), [...listed, ...(otherSizes > 0 ? [`${otherSizes} more`] : [])].join(', ')];
}

/** How many findings of each grade there are. */
export function countsText({ findings }: Pick<DataCard, 'findings'>): string {
  const count = (grade: string): number => findings.filter((finding) => finding.grade === grade).length;
  const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${plural(count('note'), 'note')}`;
}

/** What is labelled, as rows under a head. */
export function truthRows({ truth }: DataCard): string[][] {
  switch (truth.kind) {
    case 'masks': {
      const { train, val } = truth.pixels;
      return [
        ['label', 'class', 'training', 'pictures', 'validation', 'pictures'],
        ...truth.labels.map(({ label, name, isClass, isIgnored, train: t, val: v }) => [
          String(label),
          isIgnored && isClass ? `${name} (ignored)` : name,
          percent(t.pixels, train),
          String(t.pictures),
          percent(v.pixels, val),
          String(v.pictures),
        ]),
      ];
    }
    case 'depth': {
      const metres = (value: number | undefined): string => (value === undefined ? '–' : `${value.toPrecision(3)} m`);
      return [
        ['list', 'measured', '1 % nearer than', 'median', '99 % nearer than', 'beyond the range'],
        ...(['train', 'val'] as const).map((split) => {
          const { measured, pixels, quantiles, beyond } = truth[split];
          const [low, median, high] = quantiles ?? [];
          return [
            splitWords[split],
            percent(measured, pixels),
            metres(low),
            metres(median),
            metres(high),
            beyond === null ? '–' : percent(beyond, 1),
          ];
        }),
      ];
    }
    case 'joints':
      return [['joint', 'training', 'validation'], ...truth.joints.map(({ name, train, val }) => [name, String(train), String(val)])];
  }
}
