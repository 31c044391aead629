import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createCache } from 'fastmiss'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { example as exampleOf } from '../support/example.ts'
import { exampleWorker } from '../support/example-worker.ts'

const run = promisify(execFile)

const example = (name: string) => exampleOf('README.md', name, 'test/readme')

test('the example for Cloudflare Workers serves from real workerd, over REST', { timeout: 60_000 }, async () => {
  await using upstash = await startUpstash()
  await using file = await example('workers')
  await using worker = await exampleWorker(file.path, upstash.env)
  const ask = async () => {
    const response = await worker.fetch('/users/7')
    return [await response.json(), response.headers.get('x-cache')]
  }
  expect(await ask()).toEqual([{ id: '7' }, 'miss'])
  expect(await ask()).toEqual([{ id: '7' }, null])
  upstash.set('500')
  expect(await ask()).toEqual([{ id: '7' }, 'degraded'])
})

test('the example for AWS Lambda answers, and stores what it answered', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using file = await example('lambda')
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(file.path).href)})
    const context = { getRemainingTimeInMillis: () => 3_000 }
    for (let turn = 0; turn < 2; turn++) console.log(JSON.stringify(await handler({ id: '7' }, context)))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, REDIS_URL: redis.url } })
  expect(stdout).toBe('{"id":"7"}\n{"id":"7"}\n')
  expect(await createCache({ url: redis.url, namespace: 'app' }).get('7')).toEqual({ id: '7' })
})

test('the example for reading through runs to its end, with Redis and without', { timeout: 30_000 }, async () => {
  await using file = await example('read-through')
  const redis = await startRedis()
  const options = { env: { ...process.env, REDIS_URL: redis.url } }
  expect((await run(process.execPath, [file.path], options)).stdout).toBe('Ada\nhit true\nmiss true\n')
  await redis.stop()
  expect((await run(process.execPath, [file.path], options)).stdout).toBe('Ada\ndegraded false\ndegraded false\n')
})
