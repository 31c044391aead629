import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type CacheEvent, createCache } from 'fastmiss'
import { expect, test } from 'vitest'

test('what onEvent is told is published, for those who subscribed before the cache was made', async () => {
  const published: unknown[] = []
  const told: CacheEvent[] = []
  const early = createCache({ url: 'memory:', namespace: 'early', onEvent: (event) => told.push(event) })
  await early.get('key')
  const listen = (event: unknown): void => void published.push(event)
  subscribe('fastmiss:event', listen)
  try {
    const cache = createCache({ url: 'memory:', namespace: 'app', onEvent: (event) => told.push(event) })
    await early.get('key')
    expect(published).toEqual([])
    told.length = 0
    await cache.set('planted', 'planted')
    await cache.get('planted')
    expect(published).toEqual(told)
    expect(published).toContainEqual(expect.objectContaining({ type: 'hit', operation: 'get', namespace: 'app', transport: 'memory' }))
    expect(JSON.stringify(published)).not.toContain('planted')
    const silent = createCache({ url: 'redis://127.0.0.1:1', timeout: 2_000 })
    await silent.get('key')
    expect(published).toContainEqual(expect.objectContaining({ type: 'degraded', reason: 'unreachable' }))
  } finally {
    unsubscribe('fastmiss:event', listen)
  }
})
