// `npm run docs:cli`

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { program } from '../main.js';
import { commandPage } from './command-page.js';

await writeFile(path.join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md'), commandPage(program));
