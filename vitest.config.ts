import { globSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'
import { filesThatCannotRun } from './test/support/what-is-here.ts'

/** Where CI reads the counts from. */
const report = process.env['TEST_REPORT']

// Hundreds of processes are started, most of them of the same modules.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'fastmiss-compile-cache')

/**
 * Rooms whose tests leave nothing in their process: their files follow each other in one, which saves the start of many. What changes
 * globals, as @hono/node-server does, or looks at what a process holds is not among them; nor is what leaves a name look-up that never
 * ends, behind which all others of the process wait.
 */
const shared = globSync(
  'test/{cli,docs,entry,facade,http,keyv5,options,otel,policy,recipes,session,store,testing,transport,workers,wrap}/**/*.test.ts',
).filter((file) => !/workerd|transport.lookup\./.test(file))
const exclude = ['**/node_modules/**', '**/.example-*/**', ...filesThatCannotRun()]

/** Names what was tried twice: other reporters do so for slow tests alone. */
const triedTwice: Reporter = {
  onTestCaseResult(test) {
    const { flaky = false, retryCount = 0 } = test.diagnostic() ?? {}
    if (flaky) console.log(`(retry x${retryCount}) ${test.module.moduleId}: ${test.fullName}`)
  },
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include: shared, exclude, isolate: false } },
      { extends: true, test: { name: 'isolated', include: ['test/**/*.test.ts'], exclude: [...exclude, ...shared] } },
    ],
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
