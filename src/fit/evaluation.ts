// A model's figures over a list of samples, at the resolution of what is known of them.

import { frame, type LabelledImage, type Labelling, loadSample, resizeImage, type Sample } from '../data/index.js';
import type { Predictor, ViewOptions } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import type { MetricAccumulator, Task } from '../task/index.js';

export interface EvaluationOptions extends Pick<ViewOptions, 'scales' | 'flip'> {
  readonly labelling: Labelling;
  /** What is measured: the model's own task unless it is said. */
  readonly task?: Task;
  /** [width, height] that images are resized to before the network; what is known of them keeps its size. */
  readonly size?: readonly [number, number] | undefined;
  readonly onProgress?: (done: number) => void;
  /** Ends the evaluation between two images; what was counted is given. */
  readonly signal?: AbortSignal;
}

export interface EvaluationResult {
  readonly accumulator: MetricAccumulator;
  readonly images: number;
}

export async function evaluateModel(
  predictor: Predictor,
  samples: readonly Sample[],
  { labelling, task = predictor.task, size, onProgress, signal, ...views }: EvaluationOptions,
): Promise<EvaluationResult> {
  const accumulator = task.accumulator();
  let images = 0;
  for (const sample of samples) {
    if (signal?.aborted) break;
    const { image, truth } = await loadForModel(sample, task, labelling);
    const shape = task.validationShape(image.height, image.width);
    const scaled = size && !('person' in sample) ? await resizeImage(image, size[0], size[1]) : image;
    const maps = await predictor.maps(scaled, { ...views, size: { width: shape[1], height: shape[0] } });
    accumulator.add(maps, task.encodeTruth(truth, shape[0], shape[1], image), shape);
    images++;
    onProgress?.(images);
  }
  return { accumulator, images };
}

/** A sample as a model takes it: the image as it is, or the crop around a person. */
export async function loadForModel(sample: Sample, { description }: Task, labelling: Labelling): Promise<LabelledImage> {
  const loaded = await loadSample(sample, labelling);
  if (description.task !== 'pose') return loaded;
  const { crop, padding } = description;
  return frame(loaded, { kind: 'person', width: crop[0], height: crop[1], padding }, labelling, seededRandom(0));
}
