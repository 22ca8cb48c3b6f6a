// `bench latency`: how long the deployed network takes for one image.

import { z } from 'zod';
import { nodeRuntime } from '../platform/node/runtime.js';
import { measureLatency } from '../core/search/index.js';
import { architectureToJson, formatArchitecture } from '../core/space/index.js';
import { namedNetwork } from './named-network.js';
import { fitted } from './table.js';
import { imageSize, oneDevice, parseOptions, wholeNumber } from './options.js';

const schema = z.object({
  genotype: z.array(z.string()).default(['arch0', 'arch1', 'arch2']),
  classes: wholeNumber(1).optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  size: imageSize.optional(),
  runs: wholeNumber(1),
  threads: wholeNumber(1),
  device: oneDevice.default('cpu'),
  fp16: z.boolean().default(false),
  json: z.boolean().default(false),
});

export async function benchLatency(raw: unknown): Promise<void> {
  const { genotype: texts, size: wanted, runs, threads, fp16: half, json, device, ...choice } = parseOptions(schema, raw);
  const runtime = await nodeRuntime({ threads, device });
  const common = { half, runs, warmUp: 5 };
  for (const text of texts) {
    const { architecture: genotype, task, decoder, size: own } = await namedNetwork(text, choice, { classes: 11 });
    const size = wanted ?? own ?? [480, 360];
    const median = await measureLatency(runtime, {
      ...common,
      task,
      genotype,
      decoder,
      inputSize: [size[1], size[0]],
    });
    if (json) console.log(JSON.stringify({ genotype: architectureToJson(genotype), size, threads, device, runs, median_ms: median }));
    else console.log(fitted(`${median.toFixed(1)} ms  ${formatArchitecture(genotype)}`));
  }
}
