// The presets that come with the package, as help and pages name them.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '..', '..', 'presets');

/** Names of those with a section, with commas between them. @param section `stage1`: for a search; `train`: for full training */
export function presetNames(section: 'stage1' | 'train'): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const having = files.filter((file) => readFileSync(path.join(folder, file), 'utf8').includes(`\n${section}:`));
  return having
    .map((file) => path.basename(file, '.yaml'))
    .toSorted()
    .join(', ');
}
