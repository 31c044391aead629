import { faultProxy, startRedis } from 'fastmiss/testing'
import { tcp } from 'fastmiss/tcp'
import { expect, test } from 'vitest'
import { createCache } from '../../src/index.workerd.ts'

/** As on Workers: no connection of one turn serves another. */
async function given() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ transport: tcp(proxy.url), timeout: 2_000 })
  await cache.preload()
  return {
    cache,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await redis.stop()
    },
  }
}
const later = <Value>(value: Value): Promise<Value> => new Promise((resolve) => setTimeout(resolve, 30, value))

test('on an edge a miss outside an invocation opens one connection, which is there for the write and gone afterwards', async () => {
  await using edge = await given()
  const { cache, proxy } = edge
  expect(await cache.wrapped('k', () => later(1), { tags: ['t'] })).toMatchObject({ value: 1, status: 'miss', stored: true })
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(1)
  expect(await cache.wrapMany(['k', 'l'], () => later({ l: 2 }))).toEqual([1, 2])
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(2)
  expect(await cache.wrap('l', () => later(3))).toBe(2)
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(3)
})

test('what is asked for in one turn shares it, and what comes later, while a loader runs, does not', async () => {
  await using edge = await given()
  const { cache, proxy } = edge
  const asked = [cache.wrap('a', () => later(1)), cache.wrap('b', () => later(2)), cache.get('c')]
  await expect.poll(() => proxy.counters.connections).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 15))
  expect(await cache.get('c')).toBeUndefined()
  expect(await Promise.all(asked)).toEqual([1, 2, undefined])
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(2)
  expect(await cache.getMany(['a', 'b'])).toEqual([1, 2])
})

test('a loader that fails leaves no connection behind', async () => {
  await using edge = await given()
  await expect(edge.cache.wrap('k', () => later(1).then(() => Promise.reject(new Error('down'))))).rejects.toThrow('down')
  await edge.proxy.until(({ open }) => open === 0)
  expect(edge.proxy.counters.connections).toBe(1)
})

test('on an edge an operation of several round trips outside an invocation opens one connection', async () => {
  await using edge = await given()
  const { cache, proxy } = edge
  const calls = [
    () => cache.set('k', 1, { tags: ['t'] }),
    () => cache.setMany([{ key: 'l', value: 1, tags: ['t'] }]),
    () => cache.get('k'),
    () => cache.lookup('k'),
    () => cache.getMany(['k', 'l']),
    () => cache.hasMany(['k', 'l']),
    () => cache.clear(),
  ]
  for (const [index, call] of calls.entries()) {
    await call()
    await proxy.until(({ open }) => open === 0)
    expect(proxy.counters.connections).toBe(index + 1)
  }
  expect(await cache.get('k')).toBeUndefined()
})
