// `device`: what each piece of the search space takes on a device, measured once, as a file that searches predict latency from.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import { profileDevice } from '../library/device.js';
import { replaceFile } from '../platform/node/files/index.js';
import { imageSize, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { onInterrupt, ProgressLine } from './progress.js';

const schema = z.object({
  here: z.boolean().default(false),
  output: z.string(),
  preset: z.string(),
  encoderWeights: z.string().optional(),
  size: imageSize.optional(),
  threads: wholeNumber(1),
  seconds: positiveNumber,
  statistic: z.enum(['median', 'minimum'], { error: (issue) => `must be median or minimum, got "${String(issue.input)}"` }),
  clock: z.enum(['wall', 'processor'], { error: (issue) => `must be wall or processor, got "${String(issue.input)}"` }),
  overwrite: z.boolean().default(false),
});

export async function deviceCommand(raw: unknown): Promise<void> {
  const { here, output, preset, encoderWeights: encoder, size, threads, seconds, statistic, clock, overwrite } = parseOptions(schema, raw);
  if (!here) throw new UserError('--here is needed: this machine is the device that can be measured');
  await refuseTaken([output], { option: '-o', overwrite, inputs: [preset, encoder] });
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  try {
    const profile = await profileDevice({
      preset,
      encoder,
      threads,
      seconds,
      statistic,
      clock,
      size: size && { width: size[0], height: size[1] },
      onProgress: (settled, networks) => progress.show(`measuring: ${settled} of ${networks} networks are settled`),
      signal: interrupt.signal,
    }).catch((error: unknown) => {
      throw interrupt.signal.aborted ? new UserError('interrupted while measuring; nothing was written') : error;
    });
    await replaceFile(output, `${JSON.stringify(profile, undefined, 1)}\n`);
    progress.end();
    const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
    const { device, runtime, fit, spread, pieces } = profile;
    console.log(
      [
        `${device.name}: ${runtime.name} ${runtime.version}, ${threads} thread(s), ${Object.keys(pieces).length} pieces at ${profile.size.width}x${profile.size.height}`,
        `runs of one network differ by ${percent(spread)}; the sum of pieces is off the ${fit.networks} networks measured by ${percent(fit.median)}, of 95 in 100 by ${percent(fit.percentile95)} at most`,
        output,
      ].join('\n'),
    );
  } finally {
    interrupt.release();
    progress.end();
  }
}
