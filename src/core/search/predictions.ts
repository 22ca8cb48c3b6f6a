// A picture of what a deployed model sees: image, truth and prediction side by side, with a legend.

import type { LabelledImage } from '../data/index.js';
import { cardOfModel, overlayDepiction, Predictor } from '../model/index.js';
import { files, images, type Piece } from '../platform/index.js';
import type { Runtime } from '../runtime/index.js';
import { type Depiction, escapeXml, legendEntries, type LegendEntry, type TaskDescription } from '../task/index.js';

export interface PredictionsOptions {
  /** As `exportNetwork` makes it. */
  readonly model: Uint8Array;
  readonly samples: readonly LabelledImage[];
}

/** Of labels over the photograph. */
const opacity = 0.75;
const gap = 8;
const heading = 28;

/** Writes the picture, one row per sample. */
export async function drawPredictions(runtime: Runtime, file: string, { model, samples }: PredictionsOptions): Promise<void> {
  const predictor = await Predictor.of(runtime, model, cardOfModel(model, 'the best network'), 'the best network');
  const { task } = predictor;
  try {
    const [first] = samples;
    if (!first) throw new RangeError('no sample to draw');
    const { width, height } = first.image;
    const tiles: Piece[] = [];
    for (const [row, { image, truth }] of samples.entries()) {
      const drawn = (depiction: Depiction) => overlayDepiction(image, depiction, task.description, opacity);
      const pictures = [image, await drawn(task.depictTruth(truth)), await drawn(await predictor.depict(image))];
      pictures.forEach((picture, column) => {
        tiles.push({ image: picture, left: gap + column * (width + gap), top: heading + row * (height + gap) });
      });
    }
    const total = { width: gap + 3 * (width + gap), height: heading + samples.length * (height + gap) };
    const legend = legendOf(task.description, total.width);
    const canvas = { width: total.width, height: total.height + legend.height };
    const words = [
      { svg: captions(width, total.width), left: 0, top: 0 },
      { svg: legend.svg, left: 0, top: total.height },
    ];
    const data = await images().compose({ ...canvas, pieces: [...tiles, ...words] });
    await files().write(file, await images().encode({ ...canvas, data }, 'png'));
  } finally {
    await predictor.close();
  }
}

const font = 'font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#222"';

function captions(tile: number, width: number): string {
  const words = ['image', 'truth', 'prediction'].map((word, i) => `<text x="${gap + i * (tile + gap)}" y="19" ${font}>${word}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${heading}">${words.join('')}</svg>`;
}

interface Legend {
  readonly svg: string;
  readonly height: number;
}

function legendOf(description: TaskDescription, width: number): Legend {
  return swatches(legendEntries(description), width);
}

function swatches(entries: readonly LegendEntry[], width: number): Legend {
  const column = 130;
  const columns = Math.max(1, Math.floor((width - gap) / column));
  const parts = entries.map(({ name, colour }, k) => {
    const [x, y] = [gap + (k % columns) * column, 6 + Math.floor(k / columns) * 22];
    return `<rect x="${x}" y="${y}" width="14" height="14" fill="${colour}" stroke="#666"/><text x="${x + 20}" y="${y + 12}" ${font}>${escapeXml(name)}</text>`;
  });
  const height = 12 + Math.ceil(entries.length / columns) * 22;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`, height };
}
