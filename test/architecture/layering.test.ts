// A room imports only from floors below its own, and within itself; the core knows no platform; nothing goes in circles.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { files, importsOf, target } from './imports.js';

const floors: Readonly<Record<string, number>> = {
  'core/platform': 0,
  'core/errors': 0,
  'core/random': 0,
  'core/graph': 1,
  'core/space': 1,
  'core/data': 1,
  'core/nn': 2,
  'core/task': 2,
  'core/runtime': 2,
  'core/train': 3,
  'core/policy': 3,
  'core/device': 3,
  'core/model': 3,
  'core/preset': 3,
  'core/search': 4,
  'core/fit': 4,
  'core/inspect': 4,
  'platform/memory': 5,
  'platform/node': 5,
  'platform/redis': 6,
  'platform/web': 6,
  library: 7,
  server: 8,
  'index.ts': 9,
  cli: 10,
};
/** Packages that the core may import: plain JavaScript without Node's modules. */
const portable = [
  'onnxruntime-common',
  '@bufbuild/protobuf/wire',
  '@dagrejs/dagre',
  'pure-rand/generator/xoroshiro128plus',
  'pure-rand/types/RandomGenerator',
  'zod',
  'yaml',
  'fflate',
  'fast-png',
];

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split(path.sep);
  return first === 'core' || first === 'platform' ? `${first}/${second}` : first;
}

const broken = (file: string): string[] => {
  const room = roomOf(file);
  const floor = floors[room] ?? -1;
  return importsOf(file).flatMap(({ name }) => {
    if (name.startsWith('.')) {
      const other = target(file, name);
      if (other.startsWith('..') || roomOf(other) === room || (floors[roomOf(other)] ?? 99) < floor) return [];
      return [`${file} imports ${name}`];
    }
    return room.startsWith('core/') && !portable.includes(name) ? [`${file} imports ${name}`] : [];
  });
};

describe('layering', () => {
  test('there are files to check, each in a room with a floor', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => floors[roomOf(file)] === undefined)).toEqual([]);
  });

  test('arrows go down, and the core imports what runs everywhere', () => {
    expect(files.flatMap(broken)).toEqual([]);
  });

  test('no circles of modules', () => {
    const states = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (states.get(file) === 'done') return;
      if (states.get(file) === 'open') {
        circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
        return;
      }
      states.set(file, 'open');
      for (const { name, when } of importsOf(file)) {
        const other = target(file, name);
        if (name.startsWith('.') && when !== 'type' && files.includes(other)) visit(other, [...way, file]);
      }
      states.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});
