// Files that are made from the program's own tables. `npm run docs:presets` writes them; a test holds them to it.

import { presetJsonSchema, presetSchemaFile } from '../../core/preset/index.js';
import { presetPage } from './preset-page.js';

/** By their place in the repository. */
export function presetPages(): ReadonlyMap<string, string> {
  const schema = presetJsonSchema();
  return new Map([
    ['docs/presets.md', presetPage(schema)],
    [`presets/${presetSchemaFile}`, `${JSON.stringify(schema)}\n`],
  ]);
}
