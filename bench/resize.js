// What one bilinear resize in the core instead of the platform's would cost while samples are loaded, and how far the two are apart:
//
//   node bench/resize.js ../shared/data/camvid [images]
//
// Decoding and framing as the search on CamVid has it (side 240, 240×176), one image after the other, both ways in turn.

import '../dist/platform/node/use-node.js';
import { frame, loadSample, openDataset, resizeImage } from '../dist/core/data/index.js';
import { resizePixels } from '../dist/core/data/resize-pixels.js';
import { seededRandom } from '../dist/core/random/index.js';

const [, , folder, count = '60'] = process.argv;
if (folder === undefined) throw new Error('node bench/resize.js FOLDER [images]');
const dataset = await openDataset(folder, { classes: 11, ignore: 11 });
const framing = { kind: 'random', side: 240, width: 240, height: 176, scale: [0.75, 1.4], mirror: true };
const size = { width: 320, height: 240 };

/** Milliseconds by the clock and of all processors. */
async function timed(work) {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - begun, cpu: (user + system) / 1000, result };
}

const loading = [];
const platform = [];
const core = [];
/** How many values are so far apart. */
const differences = new Map();
for (const [i, sample] of dataset.train.slice(0, Number(count)).entries()) {
  const image = await timed(async () => {
    const loaded = await loadSample(sample, dataset.labelling);
    await frame(loaded, framing, dataset.labelling, seededRandom(0).fork('sample', i));
    return loaded.image;
  });
  loading.push(image);
  const one = async () => platform.push(await timed(() => resizeImage(image.result, size.width, size.height)));
  const other = async () => core.push(await timed(async () => resizePixels(image.result, size.width, size.height)));
  for (const next of i % 2 === 0 ? [one, other] : [other, one]) await next();
  const [a, b] = [platform.at(-1).result.data, core.at(-1).result.data];
  for (const [k, v] of a.entries()) {
    const apart = Math.abs(v - b[k]);
    differences.set(apart, (differences.get(apart) ?? 0) + 1);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const of = (list, what) => median(list.map((entry) => entry[what]));
for (const what of ['wall', 'cpu']) {
  const [whole, theirs, ours] = [of(loading, what), of(platform, what), of(core, what)];
  const more = (100 * (ours - theirs)) / whole;
  console.log(
    `${what}: loading a sample ${whole.toFixed(2)} ms, of it resizing ${theirs.toFixed(2)} ms; in the core ${ours.toFixed(2)} ms: ${more.toFixed(0)} % of loading more`,
  );
}
const all = [...differences.values()].reduce((n, v) => n + v, 0);
const beyond = (level) => [...differences].reduce((n, [apart, v]) => n + (apart > level ? v : 0), 0);
console.log(
  `values that differ by more than 1 of 255: ${((100 * beyond(1)) / all).toFixed(3)} %, than 2: ${((100 * beyond(2)) / all).toFixed(4)} %; at most ${Math.max(...differences.keys())}`,
);
