// The tests by which mutants are judged: quick ones that import from src. What runs dist/, a browser, Redis or Python is not
// among them, and neither is the learning of a whole controller, which takes a minute. Nor are tests that take ten seconds for
// every fault planted in what they reach, where quicker ones look at the same code.

import { defineConfig } from 'vitest/config';

const folder = process.env['MUTANTS'] ?? '{policy,task,space,train,search,fit}';
/** For some files of a folder: the tests that are about them, separated by commas. */
const named = process.env['TESTS']?.split(',');

const slow = ['test/space/equal-networks.test.ts', 'test/policy/bench-statistics.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['test/platform/choose.ts'],
    include: named ?? [`test/${folder}/**/*.test.ts`],
    exclude: ['test/**/*.slow.test.ts', ...slow],
    testTimeout: 60_000,
  },
});
