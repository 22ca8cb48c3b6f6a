// `device`: what each piece of the search space takes on a device, measured once, as a file that searches predict latency from.

import { z } from 'zod';
import { UserError } from '../core/errors/index.js';
import type { DeviceProfile } from '../core/device/index.js';
import { loadPreset } from '../core/preset/index.js';
import { measuredSetting, profileDevice } from '../library/device.js';
import { ownVersion } from '../core/platform/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { type DeviceManifest, devicePageFiles, serveDevice, writeDevicePage } from '../server/index.js';
import { announcement } from './announce.js';
import { interrupted, serving } from './dashboard.js';
import { refuseUnread } from './device-options.js';
import { decoderList, imageSize, parseOptions, positiveNumber, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';
import { onInterrupt, ProgressLine } from './progress.js';
import { timeRun } from './time-run.js';

const schema = z.object({
  ...serving,
  here: z.boolean().default(false),
  output: z.string().optional(),
  static: z.string().optional(),
  preset: z.string().optional(),
  of: z.string().optional(),
  best: wholeNumber(1).optional(),
  with: decoderList.optional(),
  from: z.string().optional(),
  encoderWeights: z.string().optional(),
  size: imageSize.optional(),
  threads: wholeNumber(1).optional(),
  seconds: positiveNumber.optional(),
  statistic: z.enum(['median', 'minimum'], { error: (issue) => `must be median or minimum, got "${String(issue.input)}"` }).optional(),
  clock: z.enum(['wall', 'processor'], { error: (issue) => `must be wall or processor, got "${String(issue.input)}"` }).optional(),
  overwrite: z.boolean().default(false),
});

type Given = z.output<typeof schema>;
/** About a device's profile. */
type Options = Given & { readonly preset: string; readonly seconds: number };

const usualSeconds = 60;

export async function deviceCommand(raw: unknown): Promise<void> {
  const given = parseOptions(schema, raw);
  if (given.of !== undefined) {
    for (const name of ['preset', 'output'] as const)
      if (given[name] !== undefined)
        throw new UserError(`--${name}: ${given.of} knows its preset, and what is measured is kept in it; leave it out`);
    refuseUnread(given);
    return timeRun(given.of, given);
  }
  for (const name of ['best', 'with', 'from'] as const)
    if (given[name] !== undefined) throw new UserError(`--${name}: is about a search's networks; give --of RUN with it, or leave it out`);
  if (given.preset === undefined)
    throw new UserError("--preset is needed: of the search that the profile is for; or --of RUN, to time a search's best networks");
  const options = { ...given, preset: given.preset, seconds: given.seconds ?? usualSeconds };
  const { here, output, static: folder, preset, encoderWeights, overwrite } = options;
  const inputs = [preset, encoderWeights];
  if (folder !== undefined) {
    if (here || output !== undefined) throw new UserError('--static writes a page and measures nothing; leave out --here and -o');
    refuseUnread(given);
    await refuseTaken(await devicePageFiles(folder), { option: '--static', overwrite, inputs });
    await writeDevicePage(await manifestOf(options), folder);
    console.log(`${folder}: put it on a host with https, and open it on the device; it gives phone.device.json`);
    return;
  }
  if (output === undefined) throw new UserError('-o FILE is needed: where the profile is to be written, as in phone.device.json');
  refuseUnread(given);
  await refuseTaken([output], { option: '-o', overwrite, inputs });
  return here ? measureHere(options, output) : servePage(options, output);
}

async function manifestOf({ preset: name, encoderWeights, size, seconds }: Options): Promise<Omit<DeviceManifest, 'takes'>> {
  const preset = await loadPreset(name);
  const own = { encoder: encoderWeights, size: size && { width: size[0], height: size[1] } };
  return { auxcell: ownVersion, setting: await measuredSetting(preset, own), space: preset.space, seconds };
}

/** Until a profile has come, or Ctrl-C. */
async function servePage(options: Options, output: string): Promise<void> {
  const { host, port = 8423, allowHost } = options;
  let arrived: () => void = () => {};
  const profiled = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const take = async (profile: DeviceProfile): Promise<void> => {
    await replaceFile(output, `${JSON.stringify(profile, undefined, 1)}\n`);
    arrived();
  };
  const { url, close } = await serveDevice(await manifestOf(options), take, { host, port, allowHosts: allowHost });
  console.log(announcement(url, 'open it on the device (Ctrl-C ends it)'));
  const how = await Promise.race([profiled.then(() => 'profiled' as const), interrupted()]);
  // The page still waits for the answer.
  if (how === 'profiled') await new Promise((resolve) => setTimeout(resolve, 200));
  await close();
  if (how === 'profiled') console.log(output);
}

async function measureHere(options: Options, output: string): Promise<void> {
  const { preset, encoderWeights: encoder, size, threads = 1, seconds, statistic, clock } = options;
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
