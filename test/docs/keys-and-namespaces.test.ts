import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { example } from '../support/example.ts'

test('the example runs to its end and prints what its comments say', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using file = await example('docs/keys-and-namespaces.md', 'keys', 'test/docs')
  const { stdout } = await promisify(execFile)(process.execPath, [file.path], { env: { ...process.env, REDIS_URL: redis.url } })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.slice(0, 2).toSorted()).toEqual(['cart:1', 'cart:2'])
  expect(lines.slice(2)).toEqual(['once undefined', 'true', "[ 'apple' ] [ 'plum' ]", 'false true'])
})
