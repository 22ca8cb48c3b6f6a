// Copies MoveNet-lightning, whose MobileNet-v2 is the encoder without further words, into assets/, which is published:
// 5 MB of the 43 of @vladmandic/human. A part of `npm run build`.

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const source = path.join(path.dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '..');
const folder = path.join(import.meta.dirname, '..', 'assets');
const { name, version } = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'));

await mkdir(folder, { recursive: true });
for (const file of ['movenet-lightning.json', 'movenet-lightning.bin'])
  await copyFile(path.join(source, 'models', file), path.join(folder, file));
await writeFile(
  path.join(folder, 'NOTICE'),
  `movenet-lightning: MoveNet by Google (https://tfhub.dev/google/movenet/singlepose/lightning/4), licensed under the Apache License,
Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0); converted for TensorFlow.js, taken unchanged from
${name} ${version}, whose licence is:

${await readFile(path.join(source, 'LICENSE'), 'utf8')}`,
);
