// PCKh's unit: MPII's own evaluation takes 0.6 of the diagonal of the head's box.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { mpiiJoints, readPeople, SkipCount } from '../../src/core/data/index.js';
import { PoseAccuracy } from '../../src/core/task/index.js';
import { temporaryFolder, writePhoto } from './fixtures.js';

test("a joint is found within half of 0.6 of the head's diagonal", async () => {
  const folder = await temporaryFolder();
  await writePhoto(path.join(folder, 'a.png'), 200, 150);
  const joints = mpiiJoints.map((_, k) => [20 + 5 * k, 30 + 4 * k]);
  const person = { image: 'a.png', joints, joints_vis: joints.map(() => 1), center: [100, 75], scale: 0.5, headbox: [40, 20, 70, 60] };
  await writeFile(path.join(folder, 'people.json'), JSON.stringify([person]));
  const [sample] = await readPeople(path.join(folder, 'people.json'), [folder], { joints: mpiiJoints }, new SkipCount());
  if (!sample) throw new Error('nobody');
  // 30 × 40: a diagonal of 50, a head of 30, found within 15.
  expect(sample.person.headSize).toBeCloseTo(30, 9);
  const pckh = (error: number): number => {
    const accuracy = new PoseAccuracy(mpiiJoints, [96, 128], 'quarter');
    accuracy.addPerson(
      sample.person.joints.map((v, i) => (i % 3 === 0 ? v + error : v)),
      sample.person,
    );
    return accuracy.result()['pckh'] ?? Number.NaN;
  };
  expect([pckh(14.9), pckh(15.1), pckh(-14.9)]).toEqual([1, 0, 1]);
});
