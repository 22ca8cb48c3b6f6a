// StrykerJS: small faults planted one by one, to see which of them no test notices. `MUTANTS=policy npm run mutants` for one folder
// of src, with SAMPLE=0.2 a fifth of them (test/mutants/sample-checker.js); what it found, and what is left, is in docs/testing.md.

const folder = process.env['MUTANTS'] ?? '{policy,task,space,train,search,fit}';
const reports = `runs/mutants/${process.env['MUTANTS'] ?? 'all'}`;

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/*', './test/mutants/sample-checker.js'],
  checkers: ['sample'],
  vitest: { configFile: 'vitest.mutants.config.ts' },
  coverageAnalysis: 'perTest',
  mutate: [`src/core/${folder}/**/*.ts`],
  incremental: true,
  incrementalFile: `${reports}.incremental.json`,
  tempDirName: '.cache/mutants',
  // Stryker would rewrite tsconfig.json by an interface that this compiler no longer has; nothing here reads it.
  tsconfigFile: 'none.json',
  ignorePatterns: ['/web', '/bench', '/runs', '/docs', '/test/e2e', '/test/parity'],
  concurrency: 1,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: `${reports}.json` },
};
