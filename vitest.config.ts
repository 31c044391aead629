import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { filesThatCannotRun } from './test/support/what-is-here.ts'

/** Where CI reads the counts from. */
const report = process.env['TEST_REPORT']

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.example-*/**', ...filesThatCannotRun()],
    globalSetup: ['test/support/what-is-here.ts'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Most of a test's time is waiting for a fault to pass: a file for each core, and one at least beside the one that waits.
    maxWorkers: Math.max(2, availableParallelism()),
    // Each test starts its own servers, and machines are shared: generous, since a hang is what the tests themselves bound.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
