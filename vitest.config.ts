import { defineConfig } from 'vitest/config';

const unit = [
  '{core,adapters,classifier,resolvers,workers,infra,models,client,cli,cloud,local,tools,samples}/**/*.test.ts',
];
const system = ['test/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './tools/countReporter.ts'],
    silent: 'passed-only',
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 30_000, hookTimeout: 60_000, sequence: { groupOrder: 0 } } },
      {
        test: {
          name: 'system',
          include: system,
          globalSetup: ['test/support/synthesizeOnce.ts'],
          // Each file brings up a whole cloud: one at a time on two cores, or time-outs would test the machine.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
