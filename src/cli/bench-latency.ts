// `bench latency`: how long the deployed network takes for one image.

import { z } from 'zod';
import { nodeRuntime } from '../platform/node/runtime.js';
import { measureLatency } from '../core/search/index.js';
import { architectureToJson, decoderSizeOf, formatArchitecture } from '../core/space/index.js';
import { plainTask } from './model-data.js';
import { imageSize, parseOptions, readGenotype, wholeNumber } from './options.js';

const schema = z.object({
  genotype: z.array(z.string()).default(['arch0', 'arch1', 'arch2']),
  classes: wholeNumber(1),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  size: imageSize,
  runs: wholeNumber(1),
  threads: wholeNumber(1),
  fp16: z.boolean().default(false),
  json: z.boolean().default(false),
});

export async function benchLatency(raw: unknown): Promise<void> {
  const { genotype: texts, classes, size, runs, threads, fp16: half, json, ...given } = parseOptions(schema, raw);
  const runtime = await nodeRuntime({ threads });
  const common = { task: plainTask('segmentation', classes), half, runs, warmUp: 5 };
  for (const text of texts) {
    const genotype = await readGenotype(text);
    const median = await measureLatency(runtime, {
      ...common,
      genotype,
      decoder: decoderSizeOf(genotype, given),
      inputSize: [size[1], size[0]],
    });
    if (json) console.log(JSON.stringify({ genotype: architectureToJson(genotype), size, threads, runs, median_ms: median }));
    else console.log(`${median.toFixed(1)} ms  ${formatArchitecture(genotype)}`);
  }
}
