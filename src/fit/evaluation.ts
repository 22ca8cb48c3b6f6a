// A model's confusion matrix over a list of samples, at the resolution of their labels.

import { type Dataset, loadSample, resizeImage, type Sample } from '../data/index.js';
import type { Predictor, ProbabilityOptions } from '../model/index.js';
import { ConfusionMatrix } from '../task/index.js';

export interface EvaluationOptions extends Pick<ProbabilityOptions, 'scales' | 'flip'> {
  readonly dataset: Pick<Dataset, 'classes' | 'ignore'>;
  /** [width, height] that images are resized to before the network; labels keep their size. */
  readonly size?: readonly [number, number] | undefined;
  readonly onProgress?: (done: number) => void;
  /** Ends the evaluation between two images; what was counted is given. */
  readonly signal?: AbortSignal;
}

export interface EvaluationResult {
  readonly matrix: ConfusionMatrix;
  readonly images: number;
}

export async function evaluateModel(
  predictor: Predictor,
  samples: readonly Sample[],
  { dataset, size, onProgress, signal, ...views }: EvaluationOptions,
): Promise<EvaluationResult> {
  const matrix = new ConfusionMatrix(predictor.card.classes.length);
  let images = 0;
  for (const sample of samples) {
    if (signal?.aborted) break;
    const { image, labels } = await loadSample(sample, dataset);
    const scaled = size ? await resizeImage(image, size[0], size[1]) : image;
    matrix.addLabels((await predictor.labels(scaled, { ...views, size: labels })).data, labels.data);
    images++;
    onProgress?.(images);
  }
  return { matrix, images };
}
