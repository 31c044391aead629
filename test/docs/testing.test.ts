import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { rawRedis } from '../testing/support/raw-redis.ts'

const run = promisify(execFile)
const VITEST = join(process.cwd(), 'node_modules/vitest/vitest.mjs')

/** How many tests each example holds. */
const EXAMPLES = { 'test-cache': 3, 'start-redis': 1, 'start-cluster': 1, 'start-upstash': 1, 'fault-proxy': 1 }
const TESTS = Object.values(EXAMPLES).reduce((sum, count) => sum + count)

/** The examples of docs/testing.md as files; inside the project, so that they import the package by name. */
async function examples(header: string) {
  const text = await readFile('docs/testing.md', 'utf8')
  const found = [...text.matchAll(/<!-- example: (.*?) -->\n```ts\n(.*?)```/gs)].map(([, name = '', code = '']) => ({ name, code }))
  expect(found.map(({ name }) => name)).toEqual(Object.keys(EXAMPLES))
  const directory = await mkdtemp(join(process.cwd(), 'test/docs/.example-'))
  const paths = found.map(({ name }) => join(directory, `${name}.test.ts`))
  for (const [index, { code }] of found.entries()) {
    expect(code).toContain("import { test } from 'vitest'\n")
    await writeFile(paths[index] ?? '', code.replace("import { test } from 'vitest'", header))
  }
  return { directory, paths, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

/** Without what the vitest that runs this test has set. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|TEST$|NODE_ENV$|CI$|NO_COLOR$)/.test(name)))
}

test('the examples run as they stand under vitest', { timeout: 60_000 }, async () => {
  await using given = await examples("import { test } from 'vitest'")
  const report = join(given.directory, 'report.json')
  const args = [VITEST, 'run', '--root', given.directory, '--no-file-parallelism', '--reporter', 'json', '--outputFile', report]
  await run(process.execPath, args, { env: cleanEnvironment() })
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ success: true, numPassedTests: TESTS, numFailedTests: 0 })
})

test('the examples run under node --test', { timeout: 60_000 }, async () => {
  await using given = await examples("import { test } from 'node:test'")
  const { stdout } = await run(process.execPath, ['--test', '--test-concurrency', '1', '--test-reporter', 'tap', ...given.paths], {
    env: cleanEnvironment(),
  })
  expect(stdout).toMatch(new RegExp(`^# pass ${TESTS}$`, 'm'))
  expect(stdout).toMatch(/^# fail 0$/m)
})

test('what the embedded Redis is said not to know it does not know', async () => {
  const page = await readFile('docs/testing.md', 'utf8')
  const [, list = '', ofClient = ''] = /Unknown to it are:\n(.*?)\n- of CLIENT all but (.*?), of CONFIG/s.exec(page) ?? []
  const names = list.match(/\b[A-Z]{3,}\b/g) ?? []
  expect(names.length).toBeGreaterThan(30)
  await using redis = await startRedis({ binary: 'embedded' })
  using raw = await rawRedis(redis.port)
  const unknown = await raw.ask(...[...names, 'CLIENT KILL', 'CLIENT TRACKING', 'CLIENT PAUSE', 'CONFIG REWRITE'].map((name) => name.split(' ')))
  expect(unknown.split('\r\n').filter((line) => line !== '' && !/unknown (sub)?command/.test(line))).toEqual([])
  const known = ofClient.match(/\b[A-Z]{2,}\b/g) ?? []
  expect(known.length).toBeGreaterThan(3)
  const commands = [...known.map((name) => ['CLIENT', name]), ['CONFIG', 'GET'], ['CONFIG', 'SET']]
  expect(await raw.ask(...commands)).not.toMatch(/unknown (sub)?command/)
})
