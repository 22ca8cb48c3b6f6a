// The tests by which mutants are judged: quick ones that import from src. What runs dist/, a browser, Redis or Python is not
// among them, and neither is the learning of a whole controller, which takes a minute.

import { defineConfig } from 'vitest/config';

const folder = process.env['MUTANTS'] ?? '{policy,task,space,train,search,fit}';

export default defineConfig({
  test: { include: [`test/${folder}/**/*.test.ts`], exclude: ['test/**/*.slow.test.ts'], testTimeout: 60_000 },
});
