import { createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

/** A cache that keeps its connection, through a proxy that counts. */
async function started() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  return {
    proxy,
    cache: createCache({ url: proxy.url, connection: 'reuse', timeout: 2_000 }),
    [Symbol.asyncDispose]: async () => {
      await proxy.stop()
      await redis.stop()
    },
  }
}

test('close destroys the connection that was kept, and a later call dials anew', async () => {
  await using given = await started()
  const { cache, proxy } = given
  expect(await cache.set('a', 1)).toBe(true)
  await new Promise(setImmediate)
  expect(proxy.counters.open).toBe(1)
  await cache.close()
  await proxy.until(({ open }) => open === 0)
  expect(await cache.get('a')).toBe(1)
  expect(proxy.counters.connections).toBe(2)
  await Promise.all([cache.close(), cache.close()])
  await proxy.until(({ open }) => open === 0)
})

test('what was asked for before close is answered, whether of the same turn or on its way, in an invocation too', async () => {
  await using given = await started()
  const { cache, proxy } = given
  const cold = cache.set('cold', 1)
  await cache.close()
  expect(await cold).toBe(true)
  await proxy.until(({ open }) => open === 0)

  await using invocation = cache.invocation()
  expect(await invocation.get('cold')).toBe(1)
  await proxy.set('slow', { delay: 100 })
  const onItsWay = invocation.get('cold')
  await new Promise(setImmediate)
  await cache.close()
  expect(await onItsWay).toBe(1)
  await proxy.until(({ open }) => open === 0)
  await proxy.set('healthy')
  expect(await invocation.get('cold')).toBe(1)
})

test('close has nothing to do where nothing was asked for, and never connects', async () => {
  await using given = await started()
  await given.cache.close()
  await createCache({ url: 'memory:' }).close()
  expect(given.proxy.counters.connections).toBe(0)
})

test.each([undefined, new AbortController().signal])(
  'close waits for all round trips of what was asked for before, and for no other: a write with tags, reads of entries with tags, compression',
  async (signal) => {
    await using given = await started()
    const cache = createCache({ url: given.proxy.url, timeout: 2_000, compression: { threshold: 1 } })
    const invocation = cache.invocation(signal === undefined ? {} : { signal })
    const tagged = invocation.set('tagged', 1, { tags: ['t'] })
    const long = invocation.set('long', 'x'.repeat(10_000))
    await invocation.close()
    expect(await Promise.all([tagged, long])).toEqual([true, true])
    expect(await invocation.set('late', 1, { tags: ['t'] })).toBe(false)

    const reading = cache.invocation(signal === undefined ? {} : { signal })
    const [one, many] = [reading.get('tagged'), reading.getMany(['tagged', 'long', 'late'])]
    await reading.close()
    expect(await one).toBe(1)
    expect(await many).toEqual([1, 'x'.repeat(10_000), undefined])
    const clearing = cache.invocation(signal === undefined ? {} : { signal })
    const cleared = clearing.clear()
    await clearing.close()
    expect(await cleared).toBe(true)
    await given.proxy.until(({ open }) => open === 0)
    // Each invocation had one connection for all of its round trips.
    expect(given.proxy.counters.connections).toBe(3)
  },
)
