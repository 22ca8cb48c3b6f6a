// What is slow and rarely wrong: `npm run test:slow`. Whole controllers that learn, and faults and processes in larger numbers.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/platform/choose.ts'],
    include: [
      'test/e2e/agreement.test.ts',
      'test/gpu/webgpu.test.ts',
      'test/gpu/device-choice.test.ts',
      'test/e2e/playground.test.ts',
      'test/e2e/tasks.test.ts',
      'test/e2e/train.test.ts',
      'test/fit/hand-designed.test.ts',
      'test/**/*.slow.test.ts',
      'test/search/durability.test.ts',
      'test/search/queue.test.ts',
      'test/files/folder-lock.test.ts',
      'test/library/documented.test.ts',
      'test/library/fit/fit-for-a-device.test.ts',
      'test/train/resume.test.ts',
      'test/parity/joint.test.ts',
      'test/parity/network.test.ts',
    ],
    env: {
      ORT_DISABLE_TELEMETRY: '1',
      AUXCELL_KILLS: '120',
      AUXCELL_FAULT_RUNS: '20',
      AUXCELL_LOCK_TRIES: '50',
      AUXCELL_GENOTYPES: '20',
      AUXCELL_THOROUGH: '1',
    },
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // A page on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
