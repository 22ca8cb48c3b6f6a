// A preset from a file: YAML at the border, checked key by key.

import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { reasonOf, UserError } from '../errors/index.js';
import { files, path, platform } from '../platform/index.js';
import { type Preset, presetSchema, type TaskKeys, type TrainPreset, trainPresetSchema } from './preset.js';
import { editDistance } from './edit-distance.js';
import { mostEdits, wrongKeys } from './wrong-keys.js';

/** @param name of a file in `presets/` without its ending, or a YAML file's path */
export function loadPreset(name: string): Promise<Preset> {
  return load(name, parsePreset);
}

/** A preset for a search, or one for full training alone. */
export function loadAnyPreset(name: string): Promise<TaskKeys> {
  // What a search cannot do without tells them apart, so that what is wrong is told of the right one.
  return load<TaskKeys>(name, (text, source) => (/^stage1:/m.test(text) ? parsePreset(text, source) : parseTrainPreset(text, source)));
}

/** A preset with the section `train`. */
export function loadTrainPreset(name: string): Promise<TrainPreset> {
  return load(name, parseTrainPreset);
}

/** Those that come with the program have 2 KB; a megabyte of brackets takes minutes to be no YAML. */
const mostBytes = 65_536;

async function load<T>(name: string, parseText: (text: string, source: string) => T): Promise<T> {
  const isFile = /\.ya?ml$/.test(name);
  const file = isFile ? name : path.join(platform().assets.presets, `${name}.yaml`);
  const bytes = await files()
    .readBounded(file, mostBytes)
    .catch(async (error: unknown) => {
      const known = (await files().list(platform().assets.presets)).flatMap(({ name: entry }) =>
        entry.endsWith('.yaml') ? [path.basename(entry, '.yaml')] : [],
      );
      if (isFile) {
        const reason = reasonOf(error).replace(`${file}: `, '');
        throw new UserError(`${file}: the preset cannot be read (${reason}); correct the path, or name one of ${known.join(', ')}`);
      }
      const near = known.find((other) => editDistance(other, name) <= mostEdits);
      const meant = near === undefined ? '' : ` did you mean ${near}?`;
      throw new UserError(`there is no preset "${name}";${meant} there are ${known.join(', ')}, or give a .yaml file`);
    });
  return parseText(new TextDecoder().decode(bytes), isFile ? file : `preset ${name}`);
}

/** @throws UserError that names each wrong key. */
export function parsePreset(text: string, source: string): Preset {
  return check(presetSchema, text, source);
}

/** @throws UserError that names each wrong key. */
export function parseTrainPreset(text: string, source: string): TrainPreset {
  return check(trainPresetSchema, text, source);
}

function check<T extends z.ZodType>(schema: T, text: string, source: string): z.output<T> {
  let yaml: unknown;
  try {
    yaml = parse(text);
  } catch (error) {
    const reason =
      error instanceof YAMLParseError ? reasonOf(error).replace(/^Maximum call stack size exceeded/, 'nested too deep') : String(error);
    throw new UserError(`${source}: not YAML: ${reason}`);
  }
  const result = schema.safeParse(yaml);
  if (result.success) return result.data;
  throw new UserError(`${source}: ${wrongKeys(result.error.issues).join('; ')}`);
}
