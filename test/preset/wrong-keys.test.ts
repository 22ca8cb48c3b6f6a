// How mistakes in a preset are told.

import { expect, test } from 'vitest';
import { parsePreset, parseTrainPreset } from '../../src/core/preset/index.js';
import { tinyPreset } from '../e2e/tiny-preset.js';

const told = (text: string, parse: (text: string, source: string) => unknown = parsePreset): string => {
  try {
    parse(text, 'mine.yaml');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

test('a key that is nearly one that is missing is one mistake', () => {
  expect(told(tinyPreset({ 'candidates: 4': 'candidate: 4' }))).toBe('mine.yaml: candidate: no such key; did you mean candidates?');
  expect(told(tinyPreset({ 'epochs: 2': 'epoch: 2' }))).toBe('mine.yaml: stage1.epoch: no such key; did you mean epochs?');
});

test('one that is like none is told beside what is missing', () => {
  expect(told(tinyPreset({ 'candidates: 4': 'number: 4' }))).toBe('mine.yaml: number: no such key; candidates: is missing');
  // Nothing is missing, so nothing else is meant.
  expect(told(tinyPreset({ 'candidates: 4': 'candidates: 4\ncandidate: 4' }))).toBe('mine.yaml: candidate: no such key');
});

test('a preset of a search has no section for full training', () => {
  expect(told(tinyPreset(), parseTrainPreset)).toBe(
    'mine.yaml: train: is missing: how one architecture is trained in full; presets/camvid-full.yaml has such a section to copy',
  );
});

test('a task that is missing or unknown is named with those that there are', () => {
  const wanted = 'mine.yaml: task: is missing or unknown; it must be one of segmentation, pose, depth';
  expect(told('candidates: 3\n')).toBe(wanted);
  expect(told(tinyPreset({ 'task: segmentation': 'task: detection' }))).toBe(wanted);
});
