import { testCache, type TestCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { background } from '../wrap/support/wires.ts'
import { staleIn, stored } from './support/stored.ts'
import { table } from './support/table.ts'

type Cost = (cache: TestCache, count: (work: () => Promise<unknown>) => Promise<void>) => Promise<void>

const SWR = { ttl: 1_000, swr: 60_000 }
const LOADED = (): string => 'loaded'
const TAGGED = { ttl: 60_000, tags: ['t'] }
const HUNDRED = Array.from({ length: 100 }, (_, index) => `k${index}`)

/** The calls of the table of costs, each with what goes before it; what is counted is what `count` runs. */
const COSTS: Readonly<Record<string, Cost>> = {
  '`wrap`, hit, no tags': async (cache, count) => {
    await stored(cache)
    await count(() => cache.wrap('k', LOADED))
  },
  '`wrap`, miss, no tags': (cache, count) => count(() => cache.wrap('k', LOADED)),
  '`wrap` with one of `tags`, hit': async (cache, count) => {
    await stored(cache, TAGGED)
    await count(() => cache.wrap('k', LOADED, TAGGED))
  },
  '`wrap` with one of `tags`, hit, seen in this invocation': async (cache, count) => {
    await stored(cache, TAGGED)
    await using invocation = cache.invocation()
    await invocation.wrap('k', LOADED, TAGGED)
    await count(() => invocation.wrap('k', LOADED, TAGGED))
  },
  '`wrap` with one of `tags`, miss': async (cache, count) => {
    await cache.set('other', 1, TAGGED)
    await count(() => cache.wrap('k', LOADED, TAGGED))
  },
  '`wrap` with one of `tags`, miss, and nobody used the tag before': (cache, count) => count(() => cache.wrap('k', LOADED, TAGGED)),
  '`get` of an entry with a tag': async (cache, count) => {
    await stored(cache, TAGGED)
    await count(() => cache.get('k'))
  },
  '`get` of an entry with a tag, seen in this invocation': async (cache, count) => {
    await stored(cache, TAGGED)
    await using invocation = cache.invocation()
    await invocation.get('k')
    await count(() => invocation.get('k'))
  },
  '`set` with one of `tags`': (cache, count) => count(() => cache.set('k', 1, TAGGED)),
  '`invalidateTags` with two': (cache, count) => count(() => cache.invalidateTags(['t', 'u'])),
  '`wrap` with `lease`, miss': (cache, count) => count(() => cache.wrap('k', LOADED, { lease: true })),
  '`wrap`, stale, with `waitUntil`, the refresh behind it included': async (cache, count) => {
    await staleIn(cache, SWR)
    const { waitUntil, settled } = background()
    await count(async () => {
      await cache.wrap('k', LOADED, { ...SWR, waitUntil })
      await settled()
    })
  },
  '`wrapMany` of 100 keys, all there': async (cache, count) => {
    await cache.setMany(HUNDRED.map((key) => ({ key, value: 1 })))
    await count(() => cache.wrapMany(HUNDRED, () => new Map()))
  },
  '`wrapMany` of 100 keys, none there': (cache, count) => count(() => cache.wrapMany(HUNDRED, (missing) => new Map(missing.map((key) => [key, 1])))),
}

test('the table of costs says what is sent', async () => {
  const rows = await table('docs/read-through.md', 'costs')
  expect(rows.map(([call]) => call)).toEqual(Object.keys(COSTS))
  for (const [call = '', roundTrips, commands] of rows) {
    await using cache = testCache()
    let told: string[] = []
    await COSTS[call]?.(cache, async (work) => {
      const before = cache.counters
      await work()
      told = [cache.counters.requests - before.requests, cache.counters.commands - before.commands].map(String)
    })
    expect(told, call).toEqual([roundTrips, commands])
  }
})
