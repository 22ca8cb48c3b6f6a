// A network file whose output depends on the picture without any training: a real encoder under a decoder that has learnt nothing.

import { freshNetwork, joinNetwork, loadEncoder, networkFile, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import type { TaskDescription } from '../../src/core/task/index.js';

export async function writeSeeingNetwork(file: string, task: TaskDescription, seed = 3): Promise<void> {
  const description = { genotype: parseGenotype(publishedGenotypes.arch1), task, width: 16, sepRepeats: 1 };
  const { tensors } = freshNetwork(description, seededRandom(seed));
  const parameters = new Map([...tensors].filter(([key]) => key.startsWith('decoder.')).map(([key, { data }]) => [key, data]));
  await writeSafetensors(file, networkFile(joinNetwork(await loadEncoder('movenet'), parameters, description)));
}
