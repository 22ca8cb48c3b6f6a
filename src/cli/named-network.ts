// A network as the command line names it: an architecture, and of `RUN#k` also the task and the size with which the run built it.

import { describeTask } from '../core/preset/index.js';
import { RunFolder } from '../core/search/index.js';
import { type Architecture, type DecoderSize, decoderSizeOf } from '../core/space/index.js';
import { channelNames, plainTask, type TaskDescription, type TaskName } from '../core/task/index.js';
import { UserError } from '../core/errors/index.js';
import { requireTask } from './model-data.js';
import { readGenotype } from './options.js';

export interface NetworkChoice {
  readonly task?: TaskName | undefined;
  /** Output channels. */
  readonly classes?: number | undefined;
  readonly width?: number | undefined;
  readonly sepRepeats?: number | undefined;
}

export interface NamedNetwork {
  readonly architecture: Architecture;
  readonly task: TaskDescription;
  readonly decoder: DecoderSize;
  /** At which the run counts multiply-adds. */
  readonly size: readonly [width: number, height: number] | undefined;
}

/** @param byDefault what is not said and no run says @throws UserError where it is said and the run says another */
export async function namedNetwork(
  text: string,
  choice: NetworkChoice,
  byDefault: Pick<NetworkChoice, 'task' | 'classes'> = {},
): Promise<NamedNetwork> {
  const architecture = await readGenotype(text);
  const [, folder] = /^(.+)#\d+$/.exec(text) ?? [];
  if (folder === undefined) {
    const task = plainTask(choice.task ?? byDefault.task ?? 'segmentation', choice.classes ?? byDefault.classes);
    return { architecture, task, decoder: decoderSizeOf(architecture, choice), size: undefined };
  }
  const { preset } = await RunFolder.open(folder).readConfig();
  requireTask(choice.task, preset.task, folder);
  const { framing } = preset.validation;
  const task = describeTask(preset, framing);
  const channels = channelNames(task).length;
  if (choice.classes !== undefined && choice.classes !== channels)
    throw new UserError(`--classes ${choice.classes}: ${folder} has ${channels}; leave it out`);
  return { architecture, task, decoder: decoderSizeOf(architecture, choice, preset.decoder), size: [framing.width, framing.height] };
}
