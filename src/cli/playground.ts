// `playground`: a model in a page of its own.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { openDataset } from '../core/data/index.js';
import { generateDemo } from '../platform/node/demo/generate.js';
import { playgroundModel, sidecarName } from '../core/model/index.js';
import { seededRandom } from '../core/random/index.js';
import { isSceneTask } from '../library/fit/demo.js';
import { type PlaygroundSample, playgroundFiles, servePlayground, writePlayground } from '../server/index.js';
import type { TaskName } from '../core/task/index.js';
import { announcement } from './announce.js';
import { interrupted, serving } from './dashboard.js';
import { parseOptions } from './options.js';
import { refuseTaken } from './output-file.js';
import { samplePictures } from './sample-pictures.js';

const schema = z.object({
  ...serving,
  samples: z.string().optional(),
  static: z.string().optional(),
  overwrite: z.boolean().default(false),
});

export async function playgroundCommand(model: string, raw: unknown): Promise<void> {
  const { host, port = 8421, allowHost, samples, static: folder, overwrite } = parseOptions(schema, raw);
  const parts = await playgroundModel(model);
  const scenes = samples === undefined ? await mkdtemp(path.join(tmpdir(), 'auxcell-scenes-')) : undefined;
  try {
    const content = {
      ...parts,
      name: path.basename(model),
      samples: scenes === undefined ? await samplePictures(samples ?? '') : await generatedScenes(scenes, parts.card.task.task),
    };
    if (folder !== undefined) {
      // Samples were read when the command began, and are not inputs any more.
      const inputs = [model, sidecarName(model)];
      await refuseTaken(await playgroundFiles(content, folder), { option: '--static', overwrite, inputs });
      await writePlayground(content, folder);
      console.log(`${folder}: put it on any web host; try it with: npx serve ${folder}`);
      return;
    }
    const { url, close } = await servePlayground(content, { host, port, allowHosts: allowHost });
    // Before it is told: who reads the address may end it at once.
    const end = interrupted();
    console.log(announcement(url, '(Ctrl-C ends it)'));
    await end;
    await close();
  } finally {
    if (scenes !== undefined) await rm(scenes, { recursive: true, force: true });
  }
}

/** Outdoor scenes; for depth rooms too. */
async function generatedScenes(folder: string, wanted: TaskName): Promise<PlaygroundSample[]> {
  const task = isSceneTask(wanted) ? wanted : 'segmentation';
  await generateDemo(folder, { task, train: 1, val: 3, width: 480, height: 360, random: seededRandom(0).fork('playground') });
  const { val } = await openDataset(folder, { classes: 255, ignore: 255 });
  return Promise.all(val.map(async ({ image }) => ({ type: 'image/jpeg' as const, bytes: await readFile(image) })));
}
