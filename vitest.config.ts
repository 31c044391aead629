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
    // Each test starts its own servers, and machines are shared: generous, since a hang is what the tests themselves bound.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
