import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { http } from '../../src/transport/http/http.ts'

/** More than a call of a function takes arguments. */
const KEYS = Array.from({ length: 200_000 }, (_, index) => `k${index}`)

test('a batch of 200,000 keys over TCP is answered, and its invocation closes', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, timeout: 20_000 })
  const invocation = cache.invocation()
  await invocation.set('k199999', 'last')
  const found = await invocation.getMany(KEYS)
  expect([found.length, found[0], found.at(-1)]).toEqual([200_000, undefined, 'last'])
  await invocation.close()
})

test('a batch of 200,000 keys over HTTP is answered, and its invocation closes', { timeout: 30_000 }, async () => {
  const send = async (_: string, { body }: { readonly body: string }): Promise<Response> =>
    Response.json((JSON.parse(body) as readonly unknown[]).map(() => ({ result: null })))
  const transport = http({ url: 'https://redis.invalid', token: 'token', requester: { send } })
  const invocation = createCache({ transport, timeout: 20_000 }).invocation()
  const found = await invocation.hasMany(KEYS)
  expect([found.length, found.includes(true)]).toEqual([200_000, false])
  await invocation.close()
})
