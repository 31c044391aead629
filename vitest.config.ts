import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'
import { filesThatCannotRun } from './test/support/what-is-here.ts'

/** Where CI reads the counts from. */
const report = process.env['TEST_REPORT']

// Hundreds of processes are started, most of them of the same modules.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'fastmiss-compile-cache')

/** Names what was tried twice: other reporters do so for slow tests alone. */
const triedTwice: Reporter = {
  onTestCaseResult(test) {
    const { flaky = false, retryCount = 0 } = test.diagnostic() ?? {}
    if (flaky) console.log(`(retry x${retryCount}) ${test.module.moduleId}: ${test.fullName}`)
  },
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.example-*/**', ...filesThatCannotRun()],
    globalSetup: ['test/support/what-is-here.ts'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }], triedTwice],
    // Much of a test's time is waiting for a fault to pass: a file for each core, and one beside those that wait.
    maxWorkers: availableParallelism() + 1,
    // Each test starts its own servers, and machines are shared: generous, since a hang is what the tests themselves bound.
    testTimeout: 20_000,
    // Bounds are real times on a machine that others use too. What fails twice is broken; .ci/run names what was tried twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
    hookTimeout: 30_000,
  },
})
