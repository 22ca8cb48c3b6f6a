import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/platform/choose.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts'],
    // Tests that load ONNX Runtime themselves: no usage events.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Much of a test is waiting for processes: two files at once also where there are two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A page on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
