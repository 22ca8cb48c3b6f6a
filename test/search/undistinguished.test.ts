// A search that tells nothing apart says so.

import { expect, test } from 'vitest';
import { type Trial, undistinguishedNote } from '../../src/core/search/index.js';
import { smallTrial } from './small-trial.js';

const trials = (...rewards: readonly number[]): Trial[] => rewards.map((reward, i) => smallTrial(i + 1, reward));

test('more than half alike, of three or more that were trained', () => {
  expect(undistinguishedNote(trials(0.4356, 0.4356, 0.5, 0.4356))).toMatch(
    /^note: 3 of 4 architectures have the same reward, 0\.4356, to the last digit/,
  );
  for (const rewards of [[], [0.5], [0.5, 0.5], [0.5, 0.5, 0.5, 0.1, 0.2, 0.3], [0.1, 0.2, 0.3]])
    expect(undistinguishedNote(trials(...rewards))).toBeUndefined();
});

test('failures and rewards of others do not count', () => {
  const failed = trials(0, 0, 0).map((trial) => ({ ...trial, error: 'diverged' }));
  expect(undistinguishedNote([...failed, ...trials(0.1, 0.2)])).toBeUndefined();
  const reused = trials(0.5, 0.5).map((trial) => ({ ...trial, reusedFrom: '#1' }));
  expect(undistinguishedNote([...trials(0.5), ...reused])).toBeUndefined();
});
