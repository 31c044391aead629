import { createCache, type Wrapped } from 'fastmiss'
import { testCache, type TestCache } from 'fastmiss/testing'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { memory } from '../../src/transport/memory/memory.ts'
import { isolates } from '../wrap/support/isolates.ts'
import { background, gate } from '../wrap/support/wires.ts'
import { staleIn, stored } from './support/stored.ts'
import { table } from './support/table.ts'

/** Options with which the situations of the table of answers are brought about. */
const SWR = { ttl: 1_000, swr: 60_000 }
const SPARE = { ttl: 1_000, staleIfError: 60_000 }
const LOADED = (): string => 'loaded'
const FAILS = (): Promise<never> => Promise.reject(new Error('down'))
const HANGS = (): Promise<never> => new Promise(() => {})
const ANOTHER_SHAPE = v.number()

type Situation = (cache: TestCache) => Promise<Wrapped<unknown>>

/** The situations of the table, each with the answer that it leads to. */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  fresh: async (cache) => {
    await stored(cache)
    return cache.wrapped('k', LOADED)
  },
  'not there': (cache) => cache.wrapped('k', LOADED),
  'not there, the loader fails': (cache) => cache.wrapped('k', FAILS),
  'not there, another isolate has the `lease` and stores it': async () => {
    const { isolate } = isolates()
    const { opened, open } = gate()
    const theirs = isolate().wrap('k', () => opened.then(() => 'stored'), { lease: true })
    await new Promise(setImmediate)
    const answer = isolate().wrapped('k', LOADED, { lease: true, timeout: 2_000 })
    await new Promise(setImmediate)
    open()
    await theirs
    return answer
  },
  'one of its tags was invalidated': async (cache) => {
    await stored(cache, { tags: ['t'] })
    await cache.invalidateTags(['t'])
    return cache.wrapped('k', LOADED, { tags: ['t'] })
  },
  'stored in a shape that the `schema` refuses': async (cache) => {
    await cache.set('k', 1)
    return cache.wrapped('k', LOADED, { schema: v.string() })
  },
  'the loader gives a shape that the `schema` refuses': (cache) => cache.wrapped('k', LOADED, { schema: ANOTHER_SHAPE }),
  'within `swr`, with `waitUntil`': async (cache) => {
    await staleIn(cache, SWR)
    const { waitUntil, settled } = background()
    const answer = await cache.wrapped('k', LOADED, { ...SWR, waitUntil })
    await settled()
    expect(await cache.get('k')).toBe('loaded')
    return answer
  },
  'within `swr`, without `waitUntil`': async (cache) => {
    await staleIn(cache, SWR)
    return cache.wrapped('k', LOADED, SWR)
  },
  'within `swr`, without `waitUntil`, another isolate refreshes it': async () => {
    const { isolate, advance } = isolates()
    const { opened, open } = gate()
    await isolate().wrap('k', () => 'stored', SWR)
    advance(1_500)
    const theirs = isolate().wrap('k', () => opened, SWR)
    await new Promise(setImmediate)
    const answer = await isolate().wrapped('k', LOADED, SWR)
    open()
    await theirs
    return answer
  },
  'within `swr`, without `waitUntil`, the loader fails': async (cache) => {
    await staleIn(cache, SWR)
    return cache.wrapped('k', FAILS, SWR)
  },
  'within `staleIfError`, the loader works': async (cache) => {
    await staleIn(cache, SPARE)
    return cache.wrapped('k', LOADED, SPARE)
  },
  'within `staleIfError`, the loader fails': async (cache) => {
    await staleIn(cache, SPARE)
    return cache.wrapped('k', FAILS, SPARE)
  },
  'within `staleIfError`, the loader takes longer than `soft`, with `waitUntil`': async (cache) => {
    await staleIn(cache, SPARE)
    const { waitUntil, settled } = background()
    const slow = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 60, 'loaded'))
    const answer = await cache.wrapped('k', slow, { ...SPARE, waitUntil, loaderTimeout: { soft: 10 } })
    await settled()
    expect(await cache.get('k')).toBe('loaded')
    return answer
  },
  'within `staleIfError`, the loader takes longer than `hard`': async (cache) => {
    await staleIn(cache, SPARE)
    return cache.wrapped('k', HANGS, { ...SPARE, loaderTimeout: 10 })
  },
  'the loader takes longer than `hard`, nothing stale': (cache) => cache.wrapped('k', HANGS, { loaderTimeout: 10 }),
  'the loader says `doNotStore`': (cache) =>
    cache.wrapped('k', ({ doNotStore }) => {
      doNotStore()
      return 'loaded'
    }),
  'the loader gives undefined, no `negativeTtl`': async (cache) => {
    const answer = await cache.wrapped<unknown>('k', () => undefined)
    expect(answer.value).toBeUndefined()
    return { ...answer, value: 'loaded' }
  },
  'Redis does not answer the read': (cache) => {
    cache.fail('timeout')
    return cache.wrapped('k', LOADED)
  },
  'Redis is known to be down': async (cache) => {
    cache.fail('unreachable')
    await cache.get('k')
    return cache.wrapped('k', LOADED)
  },
  'Redis is down, the loader fails': async (cache) => {
    await staleIn(cache, { ...SPARE, ...SWR })
    cache.fail('timeout')
    return cache.wrapped('k', FAILS, { ...SPARE, ...SWR })
  },
  'Redis does not take the write': (cache) => {
    cache.fail('reply', { only: 'writes' })
    return cache.wrapped('k', LOADED)
  },
  'what is under the key is not an entry': async () => {
    const transport = memory()
    await transport.open().send([['SET', 'k', 'of somebody else']], Infinity)
    return createCache({ transport }).wrapped('k', LOADED)
  },
}

test('the table of answers says what is answered', async () => {
  const rows = await table('docs/read-through.md', 'answers')
  expect(rows.map(([situation]) => situation)).toEqual(Object.keys(SITUATIONS))
  for (const [situation = '', status, value, isStored, reason] of rows) {
    await using cache = testCache()
    const answer = await SITUATIONS[situation]?.(cache).catch(() => undefined)
    const told =
      answer === undefined
        ? ['*rejects*', '', '', '']
        : [`\`${answer.status}\``, String(answer.value), answer.stored ? 'yes' : 'no', answer.reason === undefined ? '' : `\`${answer.reason}\``]
    expect(told, situation).toEqual([status, value, isStored, reason])
  }
})
