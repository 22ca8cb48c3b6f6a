// What auxiliary cells, distillation and Polyak averaging are worth in the first stage, on CamVid:
//   node bench/ablation.js DATA ENCODER TEACHER > ablation.jsonl
// arch0 to arch2, three seeds each, with the preset camvid's recipe; trained on its meta-training images, mean IoU on the
// validation list. Ends with a table of means.

import '../dist/platform/node/use-sqlite.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, streamSamples } from '../dist/core/data/index.js';
import { loadEncoder, Predictor } from '../dist/core/model/index.js';
import { loadPreset } from '../dist/core/preset/index.js';
import { seededRandom } from '../dist/core/random/index.js';
import { nodeRuntime } from '../dist/platform/node/runtime.js';
import { evaluateCandidate, openContext, prepareTaps } from '../dist/core/search/index.js';
import { parseGenotype, publishedGenotypes } from '../dist/core/space/index.js';
import { buildTapCache } from '../dist/core/train/index.js';

const [data, encoderSource, teacherFile] = process.argv.slice(2);
const preset = await loadPreset('camvid');
const dataset = await openDataset(data, { classes: preset.data.classes.length, ignore: preset.data.ignore, names: preset.data.classes });
const encoder = await loadEncoder(encoderSource);
const runtime = await nodeRuntime();
const teacher = { file: teacherFile, predictor: await Predictor.open(runtime, teacherFile) };
const setting = { preset, dataset, encoder, random: seededRandom(0) };
const folder = await mkdtemp(path.join(tmpdir(), 'auxcell-ablation-'));
await prepareTaps(runtime, { ...setting, teacher }, folder);
const prepared = await openContext(runtime, setting, folder);
// Scored on the validation list, which the search keeps aside.
const { framing } = preset.validation;
const { width, height } = framing;
const fixed = dataset.val.map((sample) => ({ sample, seed: 0 }));
const cacheOptions = { weights: encoder, count: fixed.length, width, height, task: prepared.task, targets: 'validation' };
const validation = await buildTapCache(runtime, streamSamples(fixed, framing, dataset.labelling), cacheOptions);
const withRecipe = (change) => ({ ...prepared, validation, stage1: { ...prepared.stage1, ...change } });
const { decoder, optimiser } = prepared.stage1;
const settings = {
  'all three': withRecipe({}),
  'without auxiliary cells': withRecipe({ decoder: { ...decoder, auxiliaryWeight: 0 } }),
  'without distillation': withRecipe({ distillation: 0 }),
  'without Polyak averaging': withRecipe({ optimiser: { ...optimiser, polyakDecay: 0 } }),
  'none of them': withRecipe({
    decoder: { ...decoder, auxiliaryWeight: 0 },
    distillation: 0,
    optimiser: { ...optimiser, polyakDecay: 0 },
  }),
};
const scores = Object.fromEntries(Object.keys(settings).map((name) => [name, []]));
for (const seed of [1, 2, 3])
  for (const arch of ['arch0', 'arch1', 'arch2'])
    for (const [setting, context] of Object.entries(settings)) {
      const genotype = parseGenotype(publishedGenotypes[arch]);
      const { metrics, reward, loss, trainSeconds } = await evaluateCandidate(context, genotype, { random: seededRandom(seed) });
      scores[setting].push({ arch, miou: metrics.meanIoU });
      console.log(JSON.stringify({ setting, arch, seed, miou: metrics.meanIoU, reward, loss, train_s: trainSeconds }));
    }
console.log('| setting | arch0 | arch1 | arch2 | mean |\n|---|---|---|---|---|');
for (const [setting, rows] of Object.entries(scores)) {
  const mean = (chosen) => (chosen.reduce((n, { miou }) => n + miou, 0) / chosen.length).toFixed(4);
  const cells = ['arch0', 'arch1', 'arch2'].map((arch) => mean(rows.filter((row) => row.arch === arch)));
  console.log(`| ${setting} | ${cells.join(' | ')} | ${mean(rows)} |`);
}
await rm(folder, { recursive: true });
