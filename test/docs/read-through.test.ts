import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis, startUpstash, testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { example as exampleOf } from '../support/example.ts'
import { exampleWorker } from '../support/example-worker.ts'
import { table } from './support/table.ts'

const run = promisify(execFile)
const PAGE = 'docs/read-through.md'
const example = (name: string) => exampleOf(PAGE, name, 'test/docs')

test('the example for Node runs to its end', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using file = await example('node')
  const { stdout } = await run(process.execPath, [file.path], { env: { ...process.env, REDIS_URL: redis.url } })
  expect(stdout.match(/'miss'|'hit'|^miss$|\[ 7, 7 \]/gm)).toEqual(["'miss'", "'hit'", 'miss', '[ 7, 7 ]'])
})

test('the example for Workers serves from real workerd, and an invalidation is seen by the next request', { timeout: 60_000 }, async () => {
  await using upstash = await startUpstash()
  await using file = await example('workers')
  await using worker = await exampleWorker(file.path, upstash.env)
  const ask = async (method: string) => {
    const response = await worker.fetch('/products/7', { method })
    await response.text()
    return response.headers.get('x-cache') ?? response.status
  }
  expect(await ask('GET')).toBe('miss')
  // On a busy machine the first one may leave no time of its 250 ms to store the value.
  await expect.poll(() => ask('GET'), { timeout: 20_000 }).toBe('hit')
  expect([await ask('PUT'), await ask('GET')]).toEqual([204, 'miss'])
  upstash.set('500')
  expect([await ask('GET'), await ask('PUT')]).toEqual(['degraded', 503])
})

test('the table of options names each that there is, and no other', async () => {
  await using cache = testCache()
  const known = async (ask: Promise<unknown>) => {
    const message = await ask.then(String, String)
    return (/Known: (.*)$/.exec(message)?.[1] ?? message).split(', ')
  }
  const rows = await table(PAGE, 'options')
  const names = (of: string[][]) => of.map(([name = '']) => name.replaceAll('`', '')).toSorted()
  const wrong: object = { wrong: 1 }
  expect(names(rows)).toEqual((await known(cache.wrap('k', () => 1, wrong))).toSorted())
  const forMany = rows.filter(([, , when = '']) => !when.includes('not in `wrapMany`'))
  expect(names(forMany)).toEqual((await known(cache.wrapMany(['k'], () => ({}), wrong))).toSorted())
})
