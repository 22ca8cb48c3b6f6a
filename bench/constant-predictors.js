// What predictors reach that never look at the image:
//   node bench/constant-predictors.js DATA PRESET
// Of pose the mean pose of the training crops; of depth the training list's mean depth, and its mean depth row by row (images
// of one size). Figures on the validation list, as `auxcell eval` measures them.

import '../dist/platform/node/use-sqlite.js';
import { loadForModel } from '../dist/core/fit/index.js';
import { loadTrainPreset, openPresetData, taskOf } from '../dist/core/preset/index.js';

const [data, name] = process.argv.slice(2);
const preset = await loadTrainPreset(name);
const task = taskOf(preset, preset.train.validation.framing);
const { train, val, labelling } = await openPresetData(data, preset);

async function* truths(samples) {
  for (const sample of samples) yield loadForModel(sample, task, labelling);
}

/** Validation, of which `predict` knows the size alone. */
async function figures(what, accumulate) {
  const accumulator = task.accumulator();
  for await (const sample of truths(val)) accumulate(accumulator, sample);
  console.log(JSON.stringify({ what, images: val.length, ...accumulator.result() }));
}

if (preset.task === 'pose') {
  const count = preset.data.joints.length;
  const [sums, seen] = [new Float64Array(2 * count), new Float64Array(count)];
  for await (const { truth } of truths(train))
    for (let k = 0; k < count; k++) {
      if (!truth.joints[3 * k + 2]) continue;
      sums[2 * k] += truth.joints[3 * k];
      sums[2 * k + 1] += truth.joints[3 * k + 1];
      seen[k]++;
    }
  await figures('mean pose', (accumulator, { truth }) => {
    const { scale, left, top } = truth.original;
    const inOriginal = (x, y, score) => [scale * x + left, scale * y + top, score];
    const mean = Array.from({ length: count }, (_, k) => inOriginal(sums[2 * k] / seen[k], sums[2 * k + 1] / seen[k], 1));
    const joints = Array.from({ length: count }, (_, k) => inOriginal(...truth.joints.subarray(3 * k, 3 * k + 3)));
    accumulator.addPerson(Float32Array.from(mean.flat()), { ...truth, joints: Float32Array.from(joints.flat()) });
  });
}

if (preset.task === 'depth') {
  const { minDepth, maxDepth } = preset.data;
  const rows = new Map();
  const all = { sum: 0, n: 0 };
  for await (const { truth } of truths(train))
    truth.metres.forEach((metres, i) => {
      if (!(metres >= minDepth && metres <= maxDepth)) return;
      const y = Math.floor(i / truth.width);
      const row = rows.get(y) ?? { sum: 0, n: 0 };
      rows.set(y, { sum: row.sum + metres, n: row.n + 1 });
      all.sum += metres;
      all.n++;
    });
  const mean = all.sum / all.n;
  const ofRow = (y) => (rows.has(y) ? rows.get(y).sum / rows.get(y).n : mean);
  for (const [what, depthAt] of [
    ['mean depth', () => mean],
    ['mean depth of the row', ofRow],
  ])
    await figures(what, (accumulator, { truth: { width, height, metres } }) => {
      const predicted = Float32Array.from({ length: width * height }, (_, i) => depthAt(Math.floor(i / width)));
      accumulator.add(predicted, metres, [height, width]);
    });
}
