// The schema of presets as it is for people and editors.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { presetPages } from '../../src/cli/reference/pages.js';
import { type JsonSchema, parsePreset, parseTrainPreset, presetJsonSchema } from '../../src/core/preset/index.js';
import { presetFolder } from '../../src/platform/node/assets.js';

const shipped = readdirSync(presetFolder).filter((file) => file.endsWith('.yaml'));
const text = (file: string): string => readFileSync(path.join(presetFolder, file), 'utf8');

test.each([...presetPages()])('%s is what the schema gives (npm run docs:presets)', (file, wanted) => {
  expect(readFileSync(path.join(presetFolder, '..', file), 'utf8')).toBe(wanted);
});

test('every key says what it does', () => {
  const silent: string[] = [];
  const walk = (schema: JsonSchema, at: string): void => {
    for (const [name, part] of Object.entries(schema.properties ?? {})) {
      if (part.description === undefined) silent.push(`${at}${name}`);
      walk(part, `${at}${name}.`);
    }
    for (const part of schema.oneOf ?? []) walk(part, at);
  };
  walk(presetJsonSchema(), '');
  expect(silent).toEqual([]);
});

test.each(shipped)('%s names the schema for editors', (file) => {
  const [first = ''] = text(file).split('\n');
  const [, named = ''] = /^# yaml-language-server: \$schema=(.+)$/.exec(first) ?? [];
  expect(() => readFileSync(path.join(presetFolder, named))).not.toThrow();
});

describe('an independent reader of JSON Schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(presetJsonSchema());
  const accepted = (yaml: string): boolean => [parsePreset, parseTrainPreset].some((read) => doesNotThrow(() => read(yaml, 'x')));

  test.each(shipped)('takes %s', (file) => {
    expect(validate(parse(text(file)))).toBe(true);
  });

  test.each([
    ['an unknown key', 'demo.yaml', 'candidates: 10', 'candidates: 10\ncolour: blue'],
    ['a missing key', 'demo.yaml', 'candidates: 10', ''],
    ['a negative number', 'demo.yaml', 'epochs: 2', 'epochs: -2'],
    ['a broken number', 'demo.yaml', 'epochs: 2', 'epochs: 2.5'],
    ['another strategy', 'demo.yaml', 'strategy: ppo', 'strategy: guess'],
    ['a share of 1', 'demo.yaml', 'metaTrainShare: 0.85', 'metaTrainShare: 1'],
    ['one class', 'demo.yaml', /classes: \[.*\]/, 'classes: [thing]'],
    ['a class that is a number', 'demo.yaml', 'background,', '7,'],
    ['a framing of no kind', 'demo.yaml', 'kind: resize', 'kind: shrink'],
    ['a key of another framing', 'demo.yaml', '{ kind: resize, ', '{ kind: resize, side: 3, '],
    ["another task's key", 'demo.yaml', 'task: segmentation', 'task: segmentation\nloss: berhu'],
    ['a metric that is none', 'lspet-pose.yaml', /metric: \w+/, 'metric: luck'],
    ['a schedule without its number', 'camvid-full.yaml', /schedule: \{.*\}/, 'schedule: { kind: polynomial }'],
    ['neither search nor training', 'camvid-30.yaml', /train:[\s\S]*/, ''],
  ])('refuses, as the program does: %s', (_, file, from, to) => {
    const changed = text(file).replace(from, to);
    expect(changed).not.toBe(text(file));
    expect([validate(parse(changed)), accepted(changed)]).toEqual([false, false]);
  });

  test.each([
    ['evolution left out', 'voc-cvpr19.yaml', /$/, ''],
    ['a default said', 'demo.yaml', 'strategy: ppo', 'strategy: ppo\nevolution: { population: 7, sample: 2 }'],
    ['colours', 'demo.yaml', 'ignore: 255', 'ignore: 255\n  colours: { person: [255, 0, 0] }'],
    ['the decay of a mean', 'camvid-30.yaml', 'polyakDecay: 0', 'polyakDecay: 0.5'],
  ])('takes, as the program does: %s', (_, file, from, to) => {
    const changed = text(file).replace(from, to);
    expect([validate(parse(changed)), accepted(changed)]).toEqual([true, true]);
  });
});

function doesNotThrow(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
