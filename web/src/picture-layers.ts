// What lies over a photograph, a colour a pixel: labels, depths, and where they are wrong.

import { labelColour, type Rgb } from '../../src/core/data/palette.js';
import { noLabel } from './pixels-of-address';

/** Colour of a pixel, or undefined where the photograph is seen. */
export type Layer = (pixel: number) => Rgb | undefined;

/** @param isShown by label */
export function labelLayer(labels: Uint8Array, isShown: (label: number) => boolean): Layer {
  const colours = Array.from({ length: noLabel }, (_, label) => (isShown(label) ? labelColour(label) : undefined));
  return (i) => colours[labels[i] ?? noLabel];
}

/** Of what is wrong: colours that no class has beside each other, and that are told apart without their hue. */
export const wrongColour: Rgb = [255, 0, 170];

/** Where a label was given and another one was predicted. */
export function wrongLabels(truth: Uint8Array, prediction: Uint8Array): Layer {
  return (i) => {
    const label = truth[i] ?? noLabel;
    return label === noLabel || label === prediction[i] ? undefined : wrongColour;
  };
}

/** By how much a depth is off, as a factor: up to `below`. What is nearer than the first is right, by δ < 1.25. */
export const depthGrades: readonly { readonly below: number; readonly name: string; readonly colour: Rgb }[] = [
  { below: 1.25 ** 2, name: 'by 1.25 to 1.56 times', colour: [255, 214, 90] },
  { below: 1.25 ** 3, name: 'by 1.56 to 1.95 times', colour: [240, 120, 40] },
  { below: Number.POSITIVE_INFINITY, name: 'by more', colour: [170, 0, 60] },
];

export function wrongDepths(truth: Float32Array, prediction: Float32Array): Layer {
  return (i) => {
    const [t, p] = [truth[i] ?? 0, prediction[i] ?? 0];
    if (t <= 0 || p <= 0) return undefined;
    const ratio = Math.max(p / t, t / p);
    return ratio < 1.25 ? undefined : depthGrades.find(({ below }) => ratio < below)?.colour;
  };
}

/** @param opacity 0 to 1 */
export function paintLayer(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  layer: Layer,
  opacity: number,
): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const colour = layer(i);
    if (colour) image.data.set([...colour, Math.round(255 * opacity)], 4 * i);
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
