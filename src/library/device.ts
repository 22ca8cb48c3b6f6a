// A device profile from a program: how long every piece of the search space takes on this machine.

import os from 'node:os';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { type DeviceProfile, measureDevice, parseDeviceProfile, type PieceSetting } from '../core/device/index.js';
import { reasonOf, UserError } from '../core/errors/index.js';
import { loadEncoder } from '../core/model/index.js';
import { loadPreset, type Preset, taskOf } from '../core/preset/index.js';
import { seededRandom } from '../core/random/index.js';
import { ownVersion } from '../core/platform/index.js';
import { readBounded } from '../platform/node/files/index.js';
import { nodeRuntime } from '../platform/node/runtime.js';

export type { DeviceProfile } from '../core/device/index.js';

export interface ProfileDeviceOptions {
  /** Of the search that it is for: a shipped preset's name, a file, or a preset. It says task, size of the networks and of images. */
  readonly preset: string | Preset;
  /** In place of the preset's. */
  readonly encoder?: string | undefined;
  /** Of images, in place of the preset's validation size. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  /** Of ONNX Runtime; absent: 1. */
  readonly threads?: number | undefined;
  /** How long it may take, about; absent: 60. */
  readonly seconds?: number | undefined;
  /** Of a network's runs the time that counts; absent: the median. On a machine that others use too the minimum means more. */
  readonly statistic?: DeviceProfile['statistic'] | undefined;
  /** Absent: `wall`, the time of day. `processor` leaves out what others do on this machine; of one thread only. */
  readonly clock?: DeviceProfile['clock'] | undefined;
  /** @param settled networks whose time is known, of so many */
  readonly onProgress?: ((settled: number, networks: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Measures this machine by onnxruntime-node. @throws UserError for what a user can mend */
export async function profileDevice(options: ProfileDeviceOptions): Promise<DeviceProfile> {
  const { preset: source, size, threads = 1, seconds = 60, statistic, clock = 'wall', onProgress, signal } = options;
  if (clock === 'processor' && threads !== 1)
    throw new UserError(`the processor's time of ${threads} threads is no latency; measure with 1 thread, or by the time of day`);
  const preset = typeof source === 'string' ? await loadPreset(source) : source;
  const setting = await measuredSetting(preset, { encoder: options.encoder, size });
  const runtime = await nodeRuntime({ threads, layout: 'portable' });
  const measured = await measureDevice(runtime, {
    setting,
    space: preset.space,
    seconds,
    random: seededRandom(0).fork('device'),
    statistic,
    ...(clock === 'processor' && { clock: processorTime }),
    onProgress,
    signal,
  });
  return {
    kind: 'auxcell device',
    version: 1,
    auxcell: ownVersion,
    made: new Date().toISOString(),
    ...thisMachine(threads),
    clock,
    ...measured,
  };
}

/** What a measurement here says of where it was made. */
export function thisMachine(threads: number): Pick<DeviceProfile, 'device' | 'runtime'> {
  return {
    device: {
      name: os.cpus()[0]?.model.trim() ?? 'unknown processor',
      system: `${os.type()} ${os.release()} ${os.arch()}, Node.js ${process.versions.node}`,
      cores: Math.max(1, os.cpus().length),
    },
    runtime: { name: 'onnxruntime-node', version: runtimeVersion(), backend: 'cpu', threads, precision: 'float32' },
  };
}

/** @throws UserError when the file cannot be read or is no profile */
export async function readDeviceProfile(file: string): Promise<DeviceProfile> {
  const content = await readBounded(file, mostProfileBytes).catch((error: unknown) => {
    throw new UserError(`${file}: cannot be read (${reasonOf(error)}); give the file that auxcell device wrote`);
  });
  return parseDeviceProfile(new TextDecoder().decode(content), file);
}

const mostProfileBytes = 4_000_000;

/** Of this process, in milliseconds. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * What is to be measured for a preset's search.
 * @throws UserError when the encoder cannot be had, or images are too small
 */
export async function measuredSetting(
  preset: Preset,
  { encoder: source = preset.encoder, size }: Pick<ProfileDeviceOptions, 'encoder' | 'size'>,
): Promise<PieceSetting> {
  const own = settingOf(preset);
  const { width, height } = size ?? own.size;
  if (Math.min(width, height) < 32) throw new UserError(`images of ${width}x${height}: the encoder needs 32x32 at least`);
  const { options: encoder } = await loadEncoder(source);
  return { ...own, encoder, size: { width, height } };
}

/** What a preset says of the networks whose latency is to be known. */
export function settingOf(preset: Preset): Omit<PieceSetting, 'encoder'> {
  const { framing } = preset.validation;
  return {
    task: taskOf(preset, framing).description,
    width: preset.decoder.width,
    sepRepeats: preset.decoder.sepRepeats,
    size: { width: framing.width, height: framing.height },
  };
}

function runtimeVersion(): string {
  const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
