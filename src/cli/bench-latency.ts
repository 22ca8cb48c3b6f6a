// `bench latency`: how long the deployed network takes for one image.

import { z } from 'zod';
import { nodeRuntime } from '../platform/node/runtime.js';
import { measureLatency } from '../core/search/index.js';
import { formatGenotype } from '../core/space/index.js';
import { plainTask } from './model-data.js';
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
  const { genotype: texts, classes, width, sepRepeats, size, runs, threads, fp16: half, json } = parseOptions(schema, raw);
  const runtime = await nodeRuntime({ threads });
  const common = { task: plainTask('segmentation', classes), decoder: { width, sepRepeats }, half, runs, warmUp: 5 };
  for (const text of texts) {
    const genotype = await readGenotype(text);
    const median = await measureLatency(runtime, { ...common, genotype, inputSize: [size[1], size[0]] });
    const name = formatGenotype(genotype);
    if (json) console.log(JSON.stringify({ genotype: JSON.parse(name), size, threads, runs, median_ms: median }));
    else console.log(`${median.toFixed(1)} ms  ${name}`);
  }
}
