import { type LocalRedis, startRedis } from 'fastmiss/testing'
import { cacheHandlers, type UseCacheEntry, type UseCacheHandler } from 'fastmiss/next'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { bytesOf, entry, textOf, useCache } from './support/handlers.ts'

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
afterEach(() => vi.unstubAllEnvs())

let made = 0
/** Two processes over one Redis, in a namespace of their own. */
function two(more: { readonly memory?: boolean } = {}) {
  const options = { url: redis.url, namespace: `use-${(made += 1)}`, timeout: 5_000, ...more }
  return { options, here: useCache(options), there: useCache(options) }
}
const SOFT = ['_N_T_/layout', '_N_T_/a']
/** More than the margin within which an invalidation counts as at the same time. */
const apart = () => new Promise((resolve) => setTimeout(resolve, 25))
const store = async (handler: UseCacheHandler, key: string, text: string, given: Partial<UseCacheEntry> = {}) => {
  await handler.get(key, SOFT)
  await handler.set(key, Promise.resolve(entry([text], given)))
}

describe('entries', () => {
  test('a stream of one process is read in another, byte for byte, by each reader anew, with all that Next.js keeps beside it', async () => {
    const { here, there } = two()
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256)
    const given = entry([bytes.subarray(0, 5), bytes.subarray(5, 5), bytes.subarray(5)], { tags: ['posts', 'ß'], stale: 30, revalidate: 60 })
    const { timestamp } = given
    expect(await here.get('k', SOFT)).toBeUndefined()
    await here.set('k', Promise.resolve(given))
    for (const reader of [here, there, there]) {
      const found = await reader.get('k', SOFT)
      expect(found).toMatchObject({ tags: ['posts', 'ß'], stale: 30, expire: 3_600, revalidate: 60, timestamp })
      expect(await bytesOf(found)).toEqual(bytes)
    }
    await here.set('empty', Promise.resolve(entry([])))
    expect(await textOf(await there.get('empty', SOFT))).toBe('')
  })

  test('who asks while the value still streams waits for it, and is given the whole', async () => {
    const { here } = two()
    let push: (text: string | undefined) => void = () => {}
    const value = new ReadableStream<Uint8Array>({
      start(controller) {
        push = (text) => (text === undefined ? controller.close() : controller.enqueue(new TextEncoder().encode(text)))
      },
    })
    let resolve: (given: UseCacheEntry) => void = () => {}
    const writing = here.set('k', new Promise((done) => (resolve = done)))
    const reading = here.get('k', SOFT)
    resolve({ ...entry([]), value })
    push('half ')
    push('whole')
    const early = await Promise.race([reading, apart().then(() => 'nothing yet')])
    expect(early).toBe('nothing yet')
    push(undefined)
    expect(await textOf(await reading)).toBe('half whole')
    await writing
  })

  test('what breaks on its way, or never comes, is not kept, and nobody waits for it any longer', async () => {
    const { here, there } = two()
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array([1]))
        controller.error(new Error('the render failed'))
      },
    })
    await here.set('broken', Promise.resolve({ ...entry([]), value: broken }))
    await here.set('never', Promise.reject(new Error('the render failed')))
    for (const key of ['broken', 'never']) expect([await here.get(key, SOFT), await there.get(key, SOFT)]).toEqual([undefined, undefined])
  })

  test('keys may be long, and those that differ only at their end are not taken for each other', async () => {
    const { here, there } = two()
    const long = 'x'.repeat(100_000)
    await store(here, `${long}1`, '1')
    await store(here, `${long}2`, '2')
    expect([await textOf(await there.get(`${long}1`, SOFT)), await textOf(await there.get(`${long}2`, SOFT))]).toEqual(['1', '2'])
  })

  test('an entry without an end comes back without one, and one that is over at once is not stored', async () => {
    const { here, there } = two()
    await store(here, 'forever', 'a', { expire: Infinity, revalidate: Infinity, stale: Infinity })
    expect(await there.get('forever', SOFT)).toMatchObject({ expire: Infinity, revalidate: Infinity, stale: Infinity })
    await store(here, 'max', 'a', { expire: 0xff_ff_ff_fe })
    expect(await there.get('max', SOFT)).toMatchObject({ expire: 0xff_ff_ff_fe })
    await store(here, 'dynamic', 'a', { expire: 0 })
    expect(await there.get('dynamic', SOFT)).toBeUndefined()
    await store(here, 'short', 'a', { expire: 0.05 })
    await expect.poll(() => there.get('short', SOFT)).toBeUndefined()
  })
})

describe('tags', () => {
  test('updateTags without durations makes an entry gone everywhere; Next.js 15 calls it expireTags', async () => {
    const { here, there } = two()
    for (const revalidate of [() => there.updateTags(['posts']), () => there.expireTags('other', 'posts')]) {
      await apart()
      await store(here, 'k', 'a', { tags: ['posts'] })
      expect(await textOf(await there.get('k', SOFT))).toBe('a')
      await revalidate()
      expect([await here.get('k', SOFT), await there.get('k', SOFT)]).toEqual([undefined, undefined])
    }
    // The entry was found, so that its tags' versions are known from before: it is kept, however soon it is made anew.
    await here.set('k', Promise.resolve(entry(['b'], { tags: ['posts'] })))
    expect(await textOf(await there.get('k', SOFT))).toBe('b')
  })

  test('Next.js 15.2 says at each request what another process has expired, and finds what is stored as it is', async () => {
    const { here, there } = two()
    await store(here, 'k', 'a', { tags: ['posts'] })
    await there.receiveExpiredTags('posts')
    expect(await textOf(await there.get('k', SOFT))).toBe('a')
  })

  test('with a profile an entry is served once more, to be made anew in the background, until `expire` is over', async () => {
    const { here, there } = two()
    await store(here, 'k', 'old', { tags: ['posts'] })
    await apart()
    await there.updateTags(['posts'], { expire: 3_600 })
    for (const reader of [here, there]) expect(await reader.get('k', SOFT)).toMatchObject({ revalidate: -1, expire: 3_600 })
    await here.set('k', Promise.resolve(entry(['new'], { tags: ['posts'] })))
    const found = await there.get('k', SOFT)
    expect(found?.revalidate).toBe(900)
    expect(await textOf(found)).toBe('new')
    await there.updateTags(['posts'], {})
    expect(await here.get('k', SOFT)).toMatchObject({ revalidate: -1 })
    await there.updateTags(['posts'], { expire: 0.03 })
    await expect.poll(() => here.get('k', SOFT)).toBeUndefined()
  })

  test('soft tags are judged by `get`: a path that was revalidated has no entry from before, and other paths keep theirs', async () => {
    const { here, there } = two()
    expect([await here.getExpiration(SOFT), await here.getExpiration(...SOFT)]).toEqual([Infinity, Infinity])
    await here.refreshTags()
    await store(here, 'k', 'old')
    await there.updateTags(['_N_T_/a'])
    expect(await here.get('k', SOFT)).toBeUndefined()
    expect(await textOf(await here.get('k', ['_N_T_/layout', '_N_T_/b']))).toBe('old')
    await here.set('k', Promise.resolve(entry(['new'])))
    expect(await textOf(await there.get('k', SOFT))).toBe('new')
    await there.updateTags(['_N_T_/layout'])
    expect(await here.get('k', ['_N_T_/layout'])).toBeUndefined()
  })

  test('a value that was being made when its tag was revalidated is not kept', async () => {
    const { here, there } = two()
    await store(here, 'k', 'old', { tags: ['posts'] })
    const { timestamp } = entry([])
    await there.updateTags(['posts'])
    await apart()
    await there.get('k', SOFT)
    await here.set('k', Promise.resolve(entry(['from before'], { tags: ['posts'], timestamp })))
    expect(await there.get('k', SOFT)).toBeUndefined()
    // Nor where this process has asked again in between.
    await here.get('k', SOFT)
    await here.set('k', Promise.resolve(entry(['from before'], { tags: ['posts'], timestamp })))
    expect(await there.get('k', SOFT)).toBeUndefined()
  })

  test('with copies in this process, what this process revalidates is gone at once', async () => {
    const { here } = two({ memory: true })
    for (const tag of ['posts', '_N_T_/a']) {
      await apart()
      await store(here, 'k', 'a', { tags: ['posts'] })
      expect(await textOf(await here.get('k', SOFT))).toBe('a')
      await here.updateTags([tag])
      expect(await here.get('k', SOFT)).toBeUndefined()
    }
  })
})

test('during `next build` nothing is dialled, and what the build made is found by it', async () => {
  vi.stubEnv('NEXT_PHASE', 'phase-production-build')
  const built = cacheHandlers(() => {
    throw new Error('no address is set')
  })
  await built.set('k', Promise.resolve(entry(['a'])))
  expect(await textOf(await built.get('k', SOFT))).toBe('a')
})
