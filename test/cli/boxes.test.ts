// Boxes by the names of pictures, whatever they are called.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readBoxes } from '../../src/cli/boxes.js';
import { DataError } from '../../src/core/data/index.js';
import { temporaryFolder } from '../data/fixtures.js';

const pixels = { width: 10, height: 10, data: new Uint8Array(300) };

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'a picture called %s has the boxes of the file and no others',
  async (name) => {
    const file = path.join(await temporaryFolder(), 'boxes.json');
    await writeFile(file, '{"photo.jpg": [[1, 2, 3, 4]]}');
    const none = await readBoxes(file);
    expect(() => none(name, pixels)).toThrow(DataError);
    expect(() => none(name, pixels)).toThrow(`${name}: has no box in ${file}`);
    expect(none('photo.jpg', pixels)).toEqual([{ left: 1, top: 2, width: 3, height: 4 }]);
    await writeFile(file, `{"${name}": [[1, 2, 3, 4]]}`);
    expect((await readBoxes(file))(name, pixels)).toEqual([{ left: 1, top: 2, width: 3, height: 4 }]);
  },
);
