// A picture of what a deployed model sees: image, truth and prediction side by side, with a legend.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import sharp from 'sharp';
import { labelColour, type LabelledImage } from '../data/index.js';
import { floatsOf, type Runtime } from '../runtime/index.js';
import { argmax, escapeXml } from '../task/index.js';

export interface PredictionsOptions {
  /** A model that takes raw RGB and gives logits at the image's size. */
  readonly model: Uint8Array;
  readonly samples: readonly LabelledImage[];
  readonly classes: readonly string[];
  readonly threads: number;
}

const gap = 8;
const heading = 28;

/** Writes the picture, one row per sample. */
export async function drawPredictions(
  runtime: Runtime,
  file: string,
  { model, samples, classes, threads }: PredictionsOptions,
): Promise<void> {
  const session = await runtime.open(model, { threads });
  try {
    const [first] = samples;
    if (!first) throw new RangeError('no sample to draw');
    const { width, height } = first.image;
    const tiles: { input: Buffer; raw: { width: number; height: number; channels: 3 }; left: number; top: number }[] = [];
    for (const [row, { image, labels }] of samples.entries()) {
      const planes = new Float32Array(3 * width * height);
      for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) planes[c * width * height + i] = image.data[3 * i + c] ?? 0;
      const results = await session.run({ image: new OrtTensor('float32', planes, [1, 3, height, width]) });
      const predicted = argmax(floatsOf(results, 'logits'), classes.length, width * height);
      const pictures = [image.data, coloured(labels.data, classes.length), coloured(predicted, classes.length)];
      pictures.forEach((data, column) => {
        tiles.push({
          input: Buffer.from(data),
          raw: { width, height, channels: 3 },
          left: gap + column * (width + gap),
          top: heading + row * (height + gap),
        });
      });
    }
    const total = { width: gap + 3 * (width + gap), height: heading + samples.length * (height + gap) };
    const legend = legendOf(classes, total.width);
    await sharp({ create: { width: total.width, height: total.height + legend.height, channels: 3, background: '#ffffff' } })
      .composite([
        ...tiles,
        { input: Buffer.from(captions(width, total.width)), left: 0, top: 0 },
        { input: Buffer.from(legend.svg), left: 0, top: total.height },
      ])
      .png()
      .toFile(file);
  } finally {
    await session.release();
  }
}

/** Labels as colours; what is ignored becomes white. */
function coloured(labels: Uint8Array, classes: number): Uint8Array {
  const pixels = new Uint8Array(3 * labels.length);
  labels.forEach((label, i) => {
    pixels.set(label < classes ? labelColour(label) : [255, 255, 255], 3 * i);
  });
  return pixels;
}

const font = 'font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#222"';

function captions(tile: number, width: number): string {
  const words = ['image', 'truth', 'prediction'].map((word, i) => `<text x="${gap + i * (tile + gap)}" y="19" ${font}>${word}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${heading}">${words.join('')}</svg>`;
}

function legendOf(classes: readonly string[], width: number): { svg: string; height: number } {
  const column = 130;
  const columns = Math.max(1, Math.floor((width - gap) / column));
  const entries = classes.map((name, k) => {
    const [x, y] = [gap + (k % columns) * column, 6 + Math.floor(k / columns) * 22];
    return `<rect x="${x}" y="${y}" width="14" height="14" fill="rgb(${labelColour(k).join()})" stroke="#666"/><text x="${x + 20}" y="${y + 12}" ${font}>${escapeXml(name)}</text>`;
  });
  const height = 12 + Math.ceil(classes.length / columns) * 22;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${entries.join('')}</svg>`, height };
}
