import { createCache } from 'fastmiss'
import { instrument } from 'fastmiss/otel'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { telemetry } from './support/telemetry.ts'

test('durations by operation and result, entries by result, loads and connections are measured', async () => {
  await using redis = await startRedis()
  await using told = telemetry()
  const cache = instrument(createCache({ url: redis.url, namespace: 'app', timeout: 2_000 }), told.providers)
  await cache.set('a', 1)
  await cache.getMany(['a', 'b', 'c'])
  await cache.wrap('d', () => 4)
  await expect(cache.wrap('e', () => Promise.reject(new RangeError('no')))).rejects.toThrow('no')
  await cache.close()

  const common = { 'db.system.name': 'redis', 'fastmiss.transport': 'tcp', 'fastmiss.namespace': 'app' }
  const durations = await told.points('db.client.operation.duration')
  expect(durations.map(({ attributes, value }) => ({ attributes, value }))).toMatchObject([
    { attributes: { ...common, 'db.operation.name': 'set', 'fastmiss.result': 'write' }, value: { count: 1 } },
    { attributes: { 'db.operation.name': 'get', 'fastmiss.result': 'hit', 'fastmiss.source': 'redis' }, value: { count: 1 } },
    { attributes: { 'db.operation.name': 'get', 'fastmiss.result': 'miss' }, value: { count: 1 } },
    { attributes: { 'db.operation.name': 'wrap', 'fastmiss.result': 'miss' }, value: { count: 2 } },
    { attributes: { 'db.operation.name': 'wrap', 'fastmiss.result': 'write' }, value: { count: 1 } },
  ])
  const entries = await told.points('fastmiss.entries')
  expect(entries.map(({ attributes, value }) => [attributes['db.operation.name'], attributes['fastmiss.result'], value])).toEqual([
    ['set', 'write', 1],
    ['get', 'hit', 1],
    ['get', 'miss', 2],
    ['wrap', 'miss', 2],
    ['wrap', 'write', 1],
  ])
  const loads = await told.points('fastmiss.load.duration')
  expect(loads.map(({ attributes, value }) => [attributes['error.type'], value])).toMatchObject([
    [undefined, { count: 1 }],
    ['RangeError', { count: 1 }],
  ])
  const [connection] = await told.points('db.client.connection.create_time')
  expect(connection).toMatchObject({ attributes: { ...common, 'db.client.connection.pool.name': 'app' } })
  expect(await told.points('fastmiss.cooldown.active')).toMatchObject([{ value: 0, attributes: common }])
})

test('the copy that stands in for a Redis that is away says so, and why', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using told = telemetry()
  const cache = instrument(createCache({ url: proxy.url, memory: { ttl: 1 }, timeout: 2_000 }), told.providers)
  await cache.set('k', 1)
  await cache.close()
  await proxy.set('refuse')
  await expect.poll(() => cache.lookup('k')).toMatchObject({ from: 'memory', reason: 'cooldown' })
  const durations = await told.points('db.client.operation.duration')
  expect(durations.map(({ attributes }) => attributes)).toContainEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'get',
    'fastmiss.transport': 'tcp',
    'fastmiss.result': 'hit',
    'fastmiss.source': 'memory',
    'fastmiss.reason': 'cooldown',
  })
})
