// A model's figures over a list of samples, at the resolution of what is known of them.

import { frame, type LabelledImage, type Labelling, loadSample, type Sample } from '../data/index.js';
import { UserError } from '../errors/index.js';
import type { Predictor, ViewOptions } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import { type MapShape, type MetricAccumulator, type OutputMaps, peopleOf, type TargetRows, type Task, taskTraits } from '../task/index.js';

/** What is known of an image keeps its size, whatever the network sees. */
export interface EvaluationOptions extends ViewOptions {
  readonly labelling: Labelling;
  /** What is measured: the model's own task unless it is said. */
  readonly task?: Task;
  readonly onProgress?: (done: number) => void;
  /** Is given what was counted of each image alone. */
  readonly onImage?: (sample: Sample, counted: MetricAccumulator) => void;
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
  { labelling, task = predictor.task, onProgress, onImage, signal, ...views }: EvaluationOptions,
): Promise<EvaluationResult> {
  const accumulator = task.accumulator();
  let images = 0;
  for (const sample of samples) {
    if (signal?.aborted) break;
    const { image, truth } = await loadForModel(sample, task, labelling);
    const shape = task.validationShape(image.height, image.width);
    const maps = await predictor.look(image, views).catch((error: unknown): never => {
      throw error instanceof UserError ? new UserError(`${sample.image}: ${error.message}`) : error;
    });
    const target = task.encodeTruth(truth, shape[0], shape[1], image);
    addInStrips(accumulator, task, maps, target, shape);
    if (onImage) {
      const alone = task.accumulator();
      addInStrips(alone, task, maps, target, shape);
      onImage(sample, alone);
    }
    images++;
    onProgress?.(images);
  }
  return { accumulator, images };
}

/** Numbers that are held at once of an image's maps at full size. */
const stripValues = 2 ** 22;

/** Labels are counted in strips: all classes of a large photograph are gigabytes. What is measured by the image is taken whole. */
function addInStrips(accumulator: MetricAccumulator, task: Task, maps: OutputMaps, target: TargetRows, [height, width]: MapShape): void {
  const rows = taskTraits[task.description.task].isCountedByPixel ? Math.max(1, Math.floor(stripValues / (task.outputs * width))) : height;
  for (let first = 0; first < height; first += rows) {
    const end = Math.min(height, first + rows);
    const part = rows < height ? target.subarray(first * width, end * width) : target;
    accumulator.add(maps.values({ width, height }, first, end), part, [end - first, width]);
  }
}

/** A sample as a model takes it: the image as it is, or the crop around a person. */
export async function loadForModel(sample: Sample, { description }: Task, labelling: Labelling): Promise<LabelledImage> {
  const loaded = await loadSample(sample, labelling);
  const people = peopleOf(description);
  if (!people) return loaded;
  const { crop, padding } = people;
  return frame(loaded, { kind: 'person', width: crop[0], height: crop[1], padding }, labelling, seededRandom(0));
}
