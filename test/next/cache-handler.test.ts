import { type CacheEvent, type CacheHit, createCache } from 'fastmiss'
import { type LocalRedis, startRedis, startUpstash } from 'fastmiss/testing'
import { cacheHandler, type HandlerValue } from 'fastmiss/next'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { internalsOf } from '../../src/facade/internals.ts'
import { cacheHandler as edgeHandler, cacheHandlers as edgeHandlers } from '../../src/next/index.workerd.ts'
import { contextOf, fetched, instance, page } from './support/handlers.ts'

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
afterEach(() => vi.unstubAllEnvs())

let made = 0
/** Two processes over one Redis, in a namespace of their own. */
function two(more: { readonly memory?: boolean; readonly onEvent?: (event: CacheEvent) => void } = {}) {
  const options = { url: redis.url, namespace: `isr-${(made += 1)}`, timeout: 5_000, ...more }
  return { options, here: instance(options), there: instance(options) }
}
const PAGE = { kind: 'APP_PAGE', isFallback: false }
const lifetime = (revalidate: number | false, expire?: number) => ({ cacheControl: { revalidate, expire } })
/** More than the margin within which an invalidation counts as at the same time. */
const apart = () => new Promise((resolve) => setTimeout(resolve, 25))
const valueOf = (found: HandlerValue | null): unknown => found?.value

describe('pages, routes and images', () => {
  test('a page of one process is found in another: Map, Buffer, headers and lifetime as they were', async () => {
    const { here, there } = two()
    expect(await here().get('/a', PAGE)).toBeNull()
    const before = Date.now()
    await here().set('/a', page('<p>ß</p>'), lifetime(60, 3_600))
    const found = await there().get('/a', PAGE)
    expect(found?.cacheControl).toEqual({ revalidate: 60, expire: 3_600 })
    expect(found?.lastModified).toBeGreaterThanOrEqual(before)
    expect(found?.lastModified).toBeLessThanOrEqual(Date.now())
    expect(found?.value).toEqual({ ...page('<p>ß</p>'), postponed: undefined })
    const value = found?.value as unknown as ReturnType<typeof page>
    expect([Buffer.isBuffer(value.rscData), value.segmentData instanceof Map, Buffer.isBuffer(value.segmentData.get('/page'))]).toEqual([
      true,
      true,
      true,
    ])
  })

  test('a route handler, an image, a page of the Pages Router, a redirect and a page that is not found come back as they were', async () => {
    const { here, there } = two()
    const values = {
      route: { kind: 'APP_ROUTE', body: Buffer.from([0xff, 0, 0xfe]), status: 200, headers: { 'x-next-cache-tags': '_N_T_/layout' } },
      image: { kind: 'IMAGE', etag: 'e', upstreamEtag: 'u', buffer: Buffer.from([9, 8, 7]), extension: 'webp', revalidate: 60 },
      pages: { kind: 'PAGES', html: '<p>', pageData: { pageProps: { colon: ':base64:no', nested: [null, 1] } }, headers: {}, status: 200 },
      redirect: { kind: 'REDIRECT', props: { pageProps: { __N_REDIRECT: '/b' } } },
      none: null,
    }
    for (const [key, value] of Object.entries(values)) await here().set(`/${key}`, value, lifetime(60))
    for (const [key, value] of Object.entries(values)) {
      const found = await there().get(`/${key}`, { kind: value?.kind ?? 'PAGES' })
      expect(found).not.toBeNull()
      expect(valueOf(found)).toEqual(value)
    }
  })

  test('what another build rendered is not found, while data and images are', async () => {
    const { options, here } = two()
    await here().set('/a', page('old'), lifetime(60))
    await here().set('data', fetched('data'), { fetchCache: true })
    const next = instance(options, 'build-2')
    expect(await next().get('/a', PAGE)).toBeNull()
    expect(await next().get('data', { kind: 'FETCH' })).not.toBeNull()
    expect(valueOf(await instance(options, 'build-1')().get('/a', PAGE))).toMatchObject({ html: 'old' })
    expect(await instance({ ...options, buildId: 'build-1' }, 'other')().get('/a', PAGE)).not.toBeNull()
  })

  test('where no build is known, as in `next dev`, pages are not kept', async () => {
    const Handler = cacheHandler({ url: redis.url, namespace: 'dev', timeout: 5_000 })
    for (const context of [{}, { serverDistDir: '/elsewhere/server', fs: contextOf().fs }]) {
      await new Handler(context).set('/a', page('a'), lifetime(60))
      expect(await new Handler(context).get('/a', PAGE)).toBeNull()
    }
  })

  test('revalidateTag and revalidatePath in one process are seen in another at once', async () => {
    const { here, there } = two()
    for (const tag of ['posts', '_N_T_/layout']) {
      await here().get('/a', PAGE)
      await here().set('/a', page('old', ['posts']), lifetime(false))
      expect(await there().get('/a', PAGE)).not.toBeNull()
      await there().revalidateTag(tag === 'posts' ? tag : [tag])
      expect(await here().get('/a', PAGE)).toBeNull()
      await apart()
    }
  })

  test('a page that was being rendered when its tag was revalidated is not kept', async () => {
    const { options, here, there } = two()
    await here().get('/a', PAGE)
    await there().revalidateTag('posts')
    await apart()
    await here().set('/a', page('from before', ['posts']), lifetime(60))
    expect(await there().get('/a', PAGE)).toBeNull()
    // Whoever stores what nobody asked for may have begun before.
    await instance(options)().set('/a', page('from before', ['posts']), lifetime(60))
    expect(await there().get('/a', PAGE)).toBeNull()
    await here().get('/a', PAGE)
    await here().set('/a', page('later', ['posts']), lifetime(60))
    expect(valueOf(await there().get('/a', PAGE))).toMatchObject({ html: 'later' })
  })

  test('with a profile a page is stale, once and in every process, until it is rendered anew; after `expire` it is gone', async () => {
    const { here, there } = two()
    for (const revalidate of [60, false] as const) {
      await here().get('/a', PAGE)
      await here().set('/a', page('old', ['posts']), lifetime(revalidate, 3_600))
      await apart()
      await there().revalidateTag(['posts'], { expire: 3_600 })
      const found = await here().get('/a', PAGE)
      expect(valueOf(found)).toMatchObject({ html: 'old' })
      const seconds = found?.cacheControl?.revalidate
      expect(typeof seconds === 'number' && (found?.lastModified ?? 0) + seconds * 1_000 < Date.now()).toBe(true)
      // Not so old that Next.js would wait for the new one.
      expect((found?.lastModified ?? 0) + 3_600_000).toBeGreaterThan(Date.now())
      await here().set('/a', page('new', ['posts']), lifetime(revalidate, 3_600))
      const renewed = await there().get('/a', PAGE)
      expect(valueOf(renewed)).toMatchObject({ html: 'new' })
      expect(renewed?.cacheControl?.revalidate).toBe(revalidate)
      expect(renewed?.lastModified).toBeGreaterThan(Date.now() - 2_000)
    }
    await there().revalidateTag(['posts'], { expire: 0.03 })
    expect(valueOf(await here().get('/a', PAGE))).toMatchObject({ html: 'new' })
    await expect.poll(() => here().get('/a', PAGE)).toBeNull()
    await here().set('/a', page('again', ['posts']), lifetime(60))
    await there().revalidateTag(['posts'], { expire: 0 })
    expect(await here().get('/a', PAGE)).toBeNull()
  })
})

describe('fetch', () => {
  test('a fetch is kept with its tags, and gone in every process once one of them is revalidated', async () => {
    const { here, there } = two()
    const asked = { kind: 'FETCH', tags: ['posts'], softTags: ['_N_T_/layout', '_N_T_/a'], revalidate: 60 }
    expect(await here().get('k', asked)).toBeNull()
    await here().set('k', fetched('1', ['posts']), { fetchCache: true, tags: ['posts'] })
    expect(valueOf(await there().get('k', asked))).toEqual(fetched('1', ['posts']))
    await there().revalidateTag('posts')
    expect(await here().get('k', asked)).toBeNull()
    // Its tags' versions were read before it was fetched anew: nobody has to wait a moment.
    await here().set('k', fetched('2', ['posts']), { fetchCache: true, tags: ['posts'] })
    expect(valueOf(await there().get('k', asked))).toMatchObject({ data: { body: '2' } })
  })

  test('revalidatePath makes it stale for the pages of that path, whoever fetched it, and not for others', async () => {
    const { here, there } = two()
    const of = (path: string) => ({ kind: 'FETCH', tags: [], softTags: ['_N_T_/layout', `_N_T_${path}`] })
    await here().get('k', of('/a'))
    await here().set('k', fetched('1'), { fetchCache: true, tags: [] })
    await there().revalidateTag('_N_T_/b')
    expect(await here().get('k', of('/b'))).toBeNull()
    expect(await here().get('k', of('/a'))).not.toBeNull()
    await apart()
    await expect
      .poll(async () => {
        await here().get('k', of('/b'))
        await here().set('k', fetched('2'), { fetchCache: true, tags: [] })
        return there().get('k', of('/b'))
      })
      .toMatchObject({ value: { data: { body: '2' } } })
    await here().revalidateTag('_N_T_/layout')
    expect([await there().get('k', of('/a')), await there().get('k', of('/b'))]).toEqual([null, null])
  })

  test('with a profile it is served once more and fetched anew, by whichever lifetime the page has', async () => {
    const { here, there } = two()
    const asked = { kind: 'FETCH', tags: ['posts'], softTags: [] }
    await here().get('k', asked)
    await here().set('k', fetched('1', ['posts'], 31_536_000), { fetchCache: true, tags: ['posts'] })
    await there().revalidateTag(['posts'], { expire: 60 })
    for (const revalidate of [undefined, 120]) {
      const found = await here().get('k', { ...asked, revalidate })
      expect(valueOf(found)).toMatchObject({ data: { body: '1' } })
      expect((Date.now() - (found?.lastModified ?? Infinity)) / 1_000).toBeGreaterThan(revalidate ?? 31_536_000)
    }
  })

  test('the clocks of two processes may differ by an hour', async () => {
    const { options, here } = two()
    const asked = { kind: 'FETCH', tags: ['posts'], softTags: ['_N_T_/a'] }
    for (const hours of [-1, 1]) {
      const other = `_N_T_/b${hours}`
      await here().get('k', asked)
      await here().set('k', fetched('1', ['posts']), { fetchCache: true, tags: ['posts'] })
      const spy = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + hours * 3_600_000)
      try {
        const there = instance(options)
        expect(await there().get('k', asked)).not.toBeNull()
        // One that the entry knows from its maker, and one that tells by its age alone.
        expect(await there().get('k', { ...asked, softTags: [other] })).not.toBeNull()
        await there().revalidateTag(['_N_T_/a', other])
        expect(await there().get('k', asked)).toBeNull()
        expect(await there().get('k', { ...asked, softTags: [other] })).toBeNull()
      } finally {
        spy.mockRestore()
      }
      expect(await here().get('k', asked)).toBeNull()
      expect(await here().get('k', { ...asked, softTags: [other] })).toBeNull()
      await apart()
    }
  })

  test('a path whose version Redis has evicted since is taken for revalidated', async () => {
    const { options, here } = two()
    const asked = { kind: 'FETCH', tags: [], softTags: ['_N_T_/a'] }
    await here().revalidateTag('_N_T_/a')
    await here().get('k', asked)
    await here().set('k', fetched('1'), { fetchCache: true, tags: [] })
    expect(await here().get('k', asked)).not.toBeNull()
    const { store, tags } = internalsOf(createCache(options))
    expect(await store.write([{ keys: [tags().keyOf('_N_T_/a')] }], 'version')).toEqual([true])
    expect(await here().get('k', asked)).toBeNull()
  })
})

describe('copies in this process', () => {
  test('a change of this process is seen at once, path tags too', async () => {
    const { here } = two({ memory: true })
    const asked = { kind: 'FETCH', tags: ['posts'], softTags: ['_N_T_/a'] }
    for (const tag of ['posts', '_N_T_/a']) {
      await apart()
      await here().get('k', asked)
      await here().set('k', fetched('1', ['posts']), { fetchCache: true, tags: ['posts'] })
      expect(await here().get('k', asked)).not.toBeNull()
      await here().revalidateTag(tag)
      expect(await here().get('k', asked)).toBeNull()
    }
  })

  test('a hot page costs no command', async () => {
    const events: CacheEvent[] = []
    const { here } = two({ memory: true, onEvent: (event) => void events.push(event) })
    await here().get('/a', PAGE)
    await here().set('/a', page('a'), lifetime(60))
    expect(await here().get('/a', PAGE)).not.toBeNull()
    expect(events.at(-1)).toMatchObject({ type: 'hit', from: 'memory' })
  })
})

test('on the edge it works over Upstash, and with an address for TCP nothing is kept and nothing fails', async () => {
  await using upstash = await startUpstash({ redis: redis.url })
  const options = { url: upstash.url, token: upstash.token, namespace: 'edge', timeout: 5_000 }
  const Edge = edgeHandler(options)
  await new Edge({}).set('k', fetched('1', ['posts']), { fetchCache: true, tags: ['posts'] })
  expect(valueOf(await instance({ url: redis.url, namespace: 'edge', timeout: 5_000 })().get('k', { kind: 'FETCH' }))).toMatchObject({
    data: { body: '1' },
  })
  await new Edge({}).revalidateTag('posts')
  expect(await new Edge({}).get('k', { kind: 'FETCH', tags: ['posts'] })).toBeNull()
  const Without = edgeHandler({ url: redis.url })
  await new Without({}).set('k', fetched('1'), { fetchCache: true, tags: [] })
  await new Without({}).revalidateTag('posts')
  expect(await new Without({}).get('k', { kind: 'FETCH' })).toBeNull()
  expect(await edgeHandlers({ url: redis.url }).get('k', [])).toBeUndefined()
})

describe('options', () => {
  test('what Next.js would keep for ever ends after 30 days, or the `ttl`; the rest with its `expire`', async () => {
    const { options, here } = two()
    const ttlOf = async (key: string) => ((await createCache(options).lookup(`page:build-1:${key}`)) as CacheHit<unknown>).ttl
    await here().set('/forever', page('a'), lifetime(false))
    await here().set('/hour', page('a'), lifetime(60, 3_600))
    await instance({ ...options, ttl: 60_000 })().set('/minute', page('a'), lifetime(false))
    expect(await ttlOf('/forever')).toBeGreaterThan(2_591_900_000)
    expect(await ttlOf('/hour')).toBeGreaterThan(3_590_000)
    expect(await ttlOf('/hour')).toBeLessThanOrEqual(3_600_000)
    expect(await ttlOf('/minute')).toBeLessThanOrEqual(60_000)
  })

  test('during `next build` nothing is dialled and no address is needed, unless that is asked for', async () => {
    const { options } = two()
    vi.stubEnv('NEXT_PHASE', 'phase-production-build')
    const Built = cacheHandler(() => {
      throw new Error('no address is set')
    })
    await new Built(contextOf()).set('k', fetched('1'), { fetchCache: true, tags: [] })
    // What one process of the build fetched is not fetched again.
    expect(await new Built(contextOf()).get('k', { kind: 'FETCH' })).not.toBeNull()
    await instance({ ...options, duringBuild: true, buildId: 'build-1' })().set('k', fetched('2'), { fetchCache: true, tags: [] })
    vi.unstubAllEnvs()
    expect(valueOf(await instance(options)().get('k', { kind: 'FETCH' }))).toMatchObject({ data: { body: '2' } })
  })

  test('wrong options are refused when the handler is made, and name themselves', () => {
    const url = redis.url
    expect(() => cacheHandler({ url, buildId: '' })).toThrow('buildId: expected')
    expect(() => cacheHandler({ url, duringBuild: true })).toThrow('duringBuild: needs buildId')
    // @ts-expect-error no boolean
    expect(() => cacheHandler({ url, duringBuild: 'yes' })).toThrow('duringBuild: expected true or false')
    // @ts-expect-error misspelled
    expect(() => cacheHandler({ url, buildID: 'x' })).toThrow('buildID: unknown option')
    // @ts-expect-error no cache
    expect(() => cacheHandler({ cache: {} })).toThrow('cache: expected what createCache()')
    expect(() => cacheHandler(() => ({}))).toThrow(TypeError)
  })

  test('a value that JSON cannot hold, and one that is too large, are not kept, and the page is served all the same', async () => {
    const { here } = two()
    const odd = { kind: 'APP_PAGE', html: new Promise(() => {}) }
    await here().set('/odd', odd, lifetime(60))
    expect(await here().get('/odd', PAGE)).toBeNull()
    await here().set('/large', page('x'.repeat(9_000_000)), lifetime(60))
    expect(await here().get('/large', PAGE)).toBeNull()
    here().resetRequestCache()
  })
})
