// What a search is about: the version, the preset, and fingerprints of data, encoder and teacher. A worker on another machine tells
// by it whether it would evaluate candidates in the same way; a search that goes on, whether its new trials mean what
// the old ones do.

import { z } from 'zod';
import { presetSchema } from '../preset/index.js';

export { dataFingerprint, fileHash } from '../data/index.js';
export { ownVersion } from '../files/index.js';
export { encoderFingerprint } from '../model/index.js';

export const runSettingSchema = z.object({
  version: z.string(),
  seed: z.number(),
  preset: presetSchema,
  data: z.string(),
  encoder: z.string(),
  teacher: z.string().nullable(),
});

export type RunSetting = z.infer<typeof runSettingSchema>;

/** What differs, for people; none where trials of both mean the same. `candidates` may differ, and the version's last number. */
export function settingDifferences(begun: RunSetting, now: RunSetting): string[] {
  const differences: string[] = [];
  if (minor(begun.version) !== minor(now.version))
    differences.push(`it was begun by version ${begun.version}, this is ${now.version}: go on with a ${minor(begun.version)}.x`);
  if (begun.seed !== now.seed) differences.push(`its seed was ${begun.seed}, config.yaml says ${now.seed}: put it back`);
  const keys = differentKeys({ ...begun.preset, candidates: 0 }, { ...now.preset, candidates: 0 });
  if (keys.length > 0) differences.push(`its preset in config.yaml has been changed (${keys.join(', ')}): put it back`);
  if (begun.data !== now.data) differences.push("the data's files have other contents: put them back, or name where they lie with --data");
  if (begun.encoder !== now.encoder) differences.push('encoder.safetensors has other weights: put the file back');
  if (begun.teacher !== now.teacher)
    differences.push('the teacher is another file: put it back, or name where it lies with --teacher');
  return differences;
}

/** 0.2.1 → 0.2: what an evaluation gives changes with these two numbers only. */
function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Paths of the values in which two plain objects differ: `stage1.epochs`. */
function differentKeys(a: unknown, b: unknown, path = ''): string[] {
  if (!isPlain(a) || !isPlain(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differentKeys(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
