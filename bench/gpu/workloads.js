// What is measured: one training step of a workload for a published architecture, on inputs that are drawn here.

import '../../dist/platform/node/use-sqlite.js';
import { initialise, torchEncoder } from '../../dist/core/nn/index.js';
import { seededRandom } from '../../dist/core/random/index.js';
import { parseGenotype, publishedGenotypes } from '../../dist/core/space/index.js';
import { segmentation } from '../../dist/core/task/index.js';
import { buildTrainingStep } from '../../dist/core/train/step.js';

const tapChannels = [24, 32, 96, 320];
const taps = (...sizes) => ({ kind: 'taps', shapes: sizes.map(([h, w], i) => [tapChannels[i], h, w]) });

/** Steps a candidate takes: W1 has 44; the paper's stage 1 is 5 epochs of 3 600 samples (4 000, 90 % of them for training). */
export const workloads = {
  w1: { classes: 11, batch: 16, inputs: taps([44, 60], [22, 30], [11, 15], [6, 8]), target: [44, 60], steps: 44 },
  paper1: {
    classes: 21,
    batch: 64,
    inputs: taps([64, 64], [32, 32], [16, 16], [8, 8]),
    target: [64, 64],
    steps: 5 * Math.floor(3600 / 64),
  },
  // Images of 350 × 350 through the encoder, whose batch normalisation is trained; one epoch of the 1 464 images of VOC's own list, 90 %.
  paper2: { classes: 21, batch: 32, inputs: { kind: 'images', height: 350, width: 350 }, target: [88, 88], steps: Math.floor(1317 / 32) },
  tiny: { classes: 11, batch: 2, inputs: taps([16, 16], [8, 8], [4, 4], [2, 2]), target: [16, 16], steps: 44 },
  tiny2: { classes: 11, batch: 2, inputs: { kind: 'images', height: 64, width: 64 }, target: [16, 16], steps: 44 },
};

const decoder = { width: 48, sepRepeats: 1, auxiliaryWeight: 0.15 };
const optimiser = { learningRate: 3e-3, weightDecay: 1e-5, clipNorm: 3, polyakDecay: 0.9 };
const encoderRecipe = { learningRate: 1e-3, momentum: 0.9, clipNorm: 3, weightDecay: 1e-5, batchNorm: 'trained' };

/** The step's model, and its first state and batch as plain arrays: { name: { data, dims } }. */
export function stepOf(workload, arch, target) {
  const { classes, batch, inputs, target: map } = workloads[workload];
  const task = segmentation({ task: 'segmentation', classes: Array.from({ length: classes }, (_, i) => `class ${i}`) });
  const step = buildTrainingStep({
    genotype: parseGenotype(publishedGenotypes[arch]),
    decoder,
    optimiser,
    task,
    batch,
    inputs: inputs.kind === 'taps' ? inputs : { ...inputs, encoder: torchEncoder, recipe: encoderRecipe },
    targetShape: map,
    target,
  });
  const random = seededRandom(1);
  const parameters = step.state.flatMap(({ layout, start }) => (start === 'values' ? layout.parameters : []));
  const initial = initialise(parameters, random.fork('initial'));
  const state = step.state.map(({ name, layout, start }) => {
    const data = start === 'values' ? layout.flatten(initial) : new Float32Array(layout.length);
    return [name, { data, dims: [data.length] }];
  });
  const drawn = random.fork('inputs');
  const floats = (dims, f) => ({ dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, f) });
  const batchOf = {
    // As they come: taps behind a ReLU6 or a projection are of the order of 1, images lie in -1 … 1.
    ...(inputs.kind === 'taps'
      ? Object.fromEntries(inputs.shapes.map((shape, i) => [`tap${i}`, floats([batch, ...shape], () => 2 * drawn.next() - 1)]))
      : { image: floats([batch, 3, inputs.height, inputs.width], () => 2 * drawn.next() - 1) }),
    target: { dims: [batch, ...map], data: Int32Array.from({ length: batch * map[0] * map[1] }, () => drawn.integer(classes)) },
  };
  return { model: step.model, state: Object.fromEntries(state), batch: batchOf };
}

/** Scalars of step k, from 1. */
export function ratesOf(k) {
  return { learningRate: 3e-3, encoderLearningRate: 1e-3, bias1: 1 - 0.9 ** k, bias2: 1 - 0.999 ** k };
}
