// The shipped preset that a run's own is nearest to, and in what they differ.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { differentKeys, loadPreset, type Preset } from '../core/preset/index.js';
import { platform } from '../core/platform/index.js';
import type { NearestPreset } from './api.js';

let shipped: Promise<ReadonlyMap<string, Preset>> | undefined;

/** Those for a search, by name; read once. */
function shippedPresets(): Promise<ReadonlyMap<string, Preset>> {
  shipped ??= read();
  return shipped;
}

async function read(): Promise<ReadonlyMap<string, Preset>> {
  const names = (await readdir(platform().assets.presets))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.basename(file, '.yaml'));
  const loaded = names.map((name) =>
    loadPreset(name).then(
      (preset): [string, Preset][] => [[name, preset]],
      // For full training alone.
      () => [],
    ),
  );
  return new Map((await Promise.all(loaded)).flat());
}

/** Undefined where none is for this task. */
export async function nearestPreset(preset: Preset): Promise<NearestPreset | undefined> {
  const [nearest] = [...(await shippedPresets())]
    .filter(([, { task }]) => task === preset.task)
    .map(([name, other]) => ({ name, other, keys: differentKeys(other, preset) }))
    .toSorted((a, b) => a.keys.length - b.keys.length || a.name.localeCompare(b.name));
  if (!nearest) return undefined;
  const { name, other, keys } = nearest;
  return { name, differences: keys.map((key) => ({ key, here: textAt(preset, key), shipped: textAt(other, key) })) };
}

/** A value as a preset would say it, in JSON; empty where there is none. */
function textAt(preset: Preset, key: string): string {
  let value: unknown = preset;
  for (const part of key.split('.')) {
    const found = typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === part) : undefined;
    value = found?.[1];
  }
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
