import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { example } from '../support/example.ts'

const run = promisify(execFile)

test('the example for Keyv runs to its end, with Redis and without', { timeout: 30_000 }, async () => {
  await using file = await example('docs/first-connection.md', 'keyv', 'test/docs')
  const redis = await startRedis()
  const options = { env: { ...process.env, REDIS_URL: redis.url } }
  expect((await run(process.execPath, [file.path], options)).stdout).toBe('true\nhello\n')
  await redis.stop()
  expect(await run(process.execPath, [file.path], options)).toMatchObject({ stdout: 'false\nundefined\n', stderr: 'unreachable\ncooldown\n' })
})
