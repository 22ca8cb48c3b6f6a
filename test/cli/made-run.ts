// A search's folder without a search: its trials are made up.

import path from 'node:path';

import { type DataCard, writeCard } from '../../src/core/inspect/index.js';
import { loadPreset } from '../../src/core/preset/index.js';
import { RunFolder, type Trial } from '../../src/core/search/index.js';
import { canonicalKey, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';

/** Three trials of the demo's preset; the second has failed. @param trainSamples of the training list, as the data's card says */
export async function makeRun(trainSamples = 260): Promise<{ readonly folder: string; readonly trials: readonly Trial[] }> {
  const folder = path.join(await temporaryFolder(), 'made');
  const run = await RunFolder.create(folder);
  await run.writeConfig({ seed: 7, data: 'some/data', preset: await loadPreset('demo') });
  const store = run.openStore();
  store.begin({ kind: 'none' }, undefined);
  const trials = Object.values(publishedGenotypes).map((text, i): Trial => {
    const genotype = parseGenotype(text);
    const key = canonicalKey(genotype);
    store.propose({ index: i + 1, genotype, key });
    const reward = (i + 1) / 8;
    const trial = {
      index: i + 1,
      genotype: JSON.parse(text),
      key,
      reward: i === 1 ? 0 : reward,
      metrics: i === 1 ? {} : { meanIoU: reward, pixelAccuracy: 0.75, frequencyWeightedIoU: 0.5, meanAccuracy: 0.5 },
      loss: 1.5 - reward,
      parameters: 2_000_000 + i,
      multiplyAdds: 500_000_000 + i,
      inputSize: [192, 256] satisfies [number, number],
      stage: 1,
      seed: 1,
      seconds: { training: 10 + i, validation: 1 },
      policy: { entropy: 2 },
      ...(i === 1 && { error: 'the loss is not finite, "NaN"' }),
    };
    const epochs = [
      { stage: 1, epoch: 1, loss: 2 },
      { stage: 1, epoch: 2, loss: trial.loss },
    ];
    store.finish(trial, { epochs }, { kind: 'none' }, undefined);
    return trial;
  });
  store.close();
  await writeCard(folder, card(trainSamples));
  return { folder, trials };
}

function card(samples: number): DataCard {
  const split = { pictures: samples, sizes: [], otherSizes: 0 };
  return {
    folder: 'some/data',
    layout: 'lists of images and masks',
    task: 'segmentation',
    splits: [
      { name: 'train', samples, ...split },
      { name: 'val', samples: 40, ...split },
    ],
    truth: { kind: 'masks', labels: [], ignore: 255, pixels: { train: 0, val: 0 } },
    findings: [],
  };
}
