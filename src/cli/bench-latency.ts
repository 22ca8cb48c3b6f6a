// `bench latency`: how long the deployed network takes for one image.

import { Tensor as OrtTensor } from 'onnxruntime-common';
import { z } from 'zod';
import { classNames } from '../data/index.js';
import { exportNetwork, freshNetwork } from '../model/index.js';
import { seededRandom } from '../random/index.js';
import { nodeRuntime } from '../runtime/node.js';
import { formatGenotype } from '../space/index.js';
import { imageSize, parseOptions, readGenotype, wholeNumber } from './options.js';

const schema = z.object({
  genotype: z.array(z.string()).default(['arch0', 'arch1', 'arch2']),
  classes: wholeNumber(1),
  width: wholeNumber(1),
  sepRepeats: wholeNumber(1),
  size: imageSize,
  runs: wholeNumber(1),
  threads: wholeNumber(1),
  fp16: z.boolean().default(false),
  json: z.boolean().default(false),
});

export async function benchLatency(raw: unknown): Promise<void> {
  const { genotype: texts, classes, width, sepRepeats, size, runs, threads, fp16, json } = parseOptions(schema, raw);
  const [w, h] = size;
  const runtime = await nodeRuntime();
  const random = seededRandom(0);
  const image = Float32Array.from({ length: 3 * w * h }, () => 2 * random.next() - 1);
  for (const text of texts) {
    const genotype = await readGenotype(text);
    const network = freshNetwork({ genotype, classes: classNames({ classes, ignore: 255 }), width, sepRepeats }, random);
    const session = await runtime.open(exportNetwork(network, { half: fp16 }), { threads });
    const run = (): Promise<unknown> => session.run({ image: new OrtTensor('float32', image, [1, 3, h, w]) });
    for (let i = 0; i < 5; i++) await run();
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const started = performance.now();
      await run();
      times.push(performance.now() - started);
    }
    await session.release();
    const median = times.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
    const name = formatGenotype(genotype);
    if (json) console.log(JSON.stringify({ genotype: JSON.parse(name), size, threads, runs, median_ms: median }));
    else console.log(`${median.toFixed(1)} ms  ${name}`);
  }
}
