// What a search is about: the version, the preset, and fingerprints of data, encoder and teacher. A worker on another machine tells
// by it whether it would evaluate candidates in the same way; a search that goes on, whether its new trials mean what
// the old ones do.

import { z } from 'zod';
import { minorVersion } from '../platform/index.js';
import { differentKeys, presetSchema } from '../preset/index.js';

export { dataFingerprint, fileHash } from '../data/index.js';
export { ownVersion } from '../platform/index.js';
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
  if (minorVersion(begun.version) !== minorVersion(now.version))
    differences.push(`it was begun by version ${begun.version}, this is ${now.version}: go on with a ${minorVersion(begun.version)}.x`);
  if (begun.seed !== now.seed) differences.push(`its seed was ${begun.seed}, config.yaml says ${now.seed}: put it back`);
  const keys = differentKeys({ ...begun.preset, candidates: 0 }, { ...now.preset, candidates: 0 });
  if (keys.length > 0) differences.push(`its preset in config.yaml has been changed (${keys.join(', ')}): put it back`);
  if (begun.data !== now.data) differences.push("the data's files have other contents: put them back, or name where they lie");
  if (begun.encoder !== now.encoder) differences.push('encoder.safetensors has other weights: put the file back');
  if (begun.teacher !== now.teacher) differences.push('the teacher is another file: put it back, or name where it lies');
  return differences;
}
