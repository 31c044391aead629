import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { example } from '../support/example.ts'

const run = promisify(execFile)

test('the example for Node runs to its end, with Redis and without', { timeout: 30_000 }, async () => {
  await using file = await example('docs/requests.md', 'node', 'test/docs')
  const redis = await startRedis()
  const options = { env: { ...process.env, REDIS_URL: redis.url } }
  expect((await run(process.execPath, [file.path], options)).stdout).toBe('hit\nhello\n')
  await redis.stop()
  expect((await run(process.execPath, [file.path], options)).stdout).toBe('not stored\nno cache: cooldown\nundefined\n')
})
