// `npm run docs:presets`

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { presetPages } from './pages.js';

const root = path.join(import.meta.dirname, '..', '..', '..');
for (const [file, text] of presetPages()) await writeFile(path.join(root, file), text);
