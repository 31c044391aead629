import { type Cache, type CacheOptions, createCache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import { createKeyv } from 'fastmiss/keyv'
import { Hono } from 'hono'

/** A way to Redis that a runtime has, to a server that is well and to ones that are not. */
export interface Wire {
  readonly name: string
  readonly healthy: CacheOptions
  /** Nobody listens there. None in memory. */
  readonly refusing?: CacheOptions
  /** Takes what it is sent, and says nothing. */
  readonly silent?: CacheOptions
}

/** What became of a case on each wire: `ok`, or what was wrong. */
export type Report = Readonly<Record<string, Readonly<Record<string, string>>>>

/** ms; the option of caches whose server is sick. */
const TIMEOUT = 250
/** ms; a busy machine is let off: what a bound costs to the millisecond is the business of the outage suite. */
const BOUND = 3 * TIMEOUT
/** ms; a busy machine is let off, a second timeout is not. */
const AT_ONCE = 150

/** The one list: Web APIs only, the same text for every runtime. */
const CASES: Readonly<Record<string, (wire: Wire) => Promise<void>>> = {
  values: one,
  'many at once': many,
  '`wrap`': wrap,
  'tags, `clear`': tags,
  invocations: invocation,
  'copies in memory': copies,
  '`responseCache`': responses,
  Keyv: keyv,
  refused: (wire) => outage(wire.refusing, 'unreachable'),
  silent: (wire) => outage(wire.silent, 'timeout'),
}

/** Runs every case over every wire, one after the other. */
export async function runEverywhere(wires: readonly Wire[]): Promise<Report> {
  const report: Record<string, Record<string, string>> = {}
  for (const [title, run] of Object.entries(CASES)) {
    const row: Record<string, string> = (report[title] = {})
    for (const wire of wires) row[wire.name] = await run(wire).then(() => 'ok', said)
  }
  return report
}

async function one({ healthy }: Wire): Promise<void> {
  const cache = open(healthy, 'one')
  same(await cache.get('a'), undefined)
  same(await cache.set('a', { text: '😀' }, { ttl: 60_000 }), true)
  same(await cache.get('a'), { text: '😀' })
  const found = await cache.lookup('a')
  same([found.status, found.status === 'hit' && found.ttl !== undefined && found.ttl > 0 && found.ttl <= 60_000], ['hit', true])
  same([await cache.has('a'), await cache.delete('a'), await cache.has('a')], [true, true, false])
  same(await cache.lookup('a'), { status: 'miss' })
  same((await cache.health()).status, 'ok')
}

async function many({ healthy }: Wire): Promise<void> {
  const cache = open(healthy, 'many')
  const values = ['', ':text', 0, null, [1, { a: ':' }], 2n ** 70n, Uint8Array.from({ length: 256 }, (_, index) => index)]
  const keys = values.map((_, index) => `k${index}`)
  same(
    await cache.setMany(values.map((value, index) => ({ key: `k${index}`, value }))),
    values.map(() => true),
  )
  same(await cache.getMany([...keys, 'none']), [...values, undefined])
  // Asked for before there is a connection, all of them.
  same(await Promise.all(keys.map((key) => cache.get(key))), values)
}

async function wrap({ healthy }: Wire): Promise<void> {
  const cache = open(healthy, 'wrap')
  let calls = 0
  const load = (): number => (calls += 1)
  same([await cache.wrap('a', load, { ttl: 60_000 }), await cache.wrap('a', load, { ttl: 60_000 })], [1, 1])
  const both = await cache.wrapMany(['a', 'b'], (missing) => new Map(missing.map((key) => [key, load()])), { ttl: 60_000 })
  same(both, [1, 2])
  same(await cache.wrap('old', load, { ttl: 1, staleIfError: 60_000 }), 3)
  await passed(5)
  const stale = await cache.wrapped('old', () => Promise.reject(new Error('The database is away')), { ttl: 1, staleIfError: 60_000 })
  same([stale.status, stale.value], ['stale', 3])
}

async function tags({ healthy }: Wire): Promise<void> {
  const cache = open(healthy, 'tags')
  await cache.setMany([
    { key: 'a', value: 1, tags: ['t', 'u'] },
    { key: 'b', value: 2, tags: ['u'] },
  ])
  same(await cache.getMany(['a', 'b']), [1, 2])
  same(await cache.invalidateTags(['t']), true)
  same(await cache.getMany(['a', 'b']), [undefined, 2])
  same([await cache.clear(), await cache.get('b')], [true, undefined])
}

async function invocation({ healthy }: Wire): Promise<void> {
  const cache = open(healthy, 'invocation')
  const request = cache.invocation()
  const written = request.set('a', 1)
  await request.close()
  // What was asked for before it was closed is done.
  same([await written, (await request.lookup('a')).status, await cache.get('a')], [true, 'degraded', 1])
}

async function copies({ healthy, name }: Wire): Promise<void> {
  // There is nothing nearer than memory itself.
  if (name === 'memory') return
  const cache = open(healthy, 'copies', { memory: { ttl: 60_000 } })
  same(await cache.set('a', 1), true)
  same(await open(healthy, 'copies').delete('a'), true)
  same(await cache.get('a'), 1)
  same([await cache.delete('a'), await cache.get('a')], [true, undefined])
}

async function responses({ healthy }: Wire): Promise<void> {
  const app = new Hono()
  let calls = 0
  app.use(cacheContext({ cache: open(healthy, 'responses') }))
  app.use(responseCache())
  app.get('/a', (c) => c.text(`call ${(calls += 1)}`, 200, { 'cache-control': 'max-age=60', etag: '"a"' }))
  const ask = async (headers: Record<string, string> = {}): Promise<unknown> => {
    const response = await app.request('http://a.test/a', { headers })
    return [response.status, await response.text()]
  }
  same(await ask(), [200, 'call 1'])
  same(await ask(), [200, 'call 1'])
  same(await ask({ 'if-none-match': '"a"' }), [304, ''])
  same(await ask({ range: 'bytes=5-' }), [206, '1'])
}

async function keyv({ healthy }: Wire): Promise<void> {
  const store = createKeyv(open(healthy, 'keyv'))
  same([await store.set('a', { b: 1 }, 60_000), await store.get('a'), await store.has('a')], [true, { b: 1 }, true])
  same([await store.delete('a'), await store.get('a')], [true, undefined])
  await store.disconnect()
}

async function outage(options: CacheOptions | undefined, reason: string): Promise<void> {
  if (options === undefined) return
  const cache = createCache({ ...options, timeout: TIMEOUT, cooldown: 60_000, maxCooldown: 60_000 })
  const preloaded = await cache.preload()
  if (preloaded !== undefined) throw new Error('The driver could not be loaded')
  const first = await timed(() => cache.lookup('a'))
  const second = await timed(() => cache.lookup('a'))
  const burst = await timed(() => Promise.all(Array.from({ length: 1_000 }, () => cache.get('a'))))
  same([reasonOf(first.outcome), reasonOf(second.outcome), await cache.set('a', 1)], [reason, 'cooldown', false])
  for (const [ms, bound] of [
    [first.ms, BOUND],
    [second.ms, AT_ONCE],
    [burst.ms, BOUND],
  ] as const) {
    if (ms > bound) throw new Error(`${Math.round(ms)} ms, at most ${bound} allowed`)
  }
}

/** A cache of a case's own: what another wire or runtime stored in the same Redis is not its business. */
function open(healthy: CacheOptions, name: string, more: Partial<CacheOptions> = {}): Cache {
  return createCache({ ...healthy, namespace: `${healthy.namespace}-${name}`, ...more })
}

function reasonOf(found: Awaited<ReturnType<Cache['lookup']>>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

async function timed<Answer>(run: () => Promise<Answer>): Promise<{ readonly outcome: Answer; readonly ms: number }> {
  const startedAt = Date.now()
  const outcome = await run()
  return { outcome, ms: Date.now() - startedAt }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** No assertion library runs in all of these. */
function same(found: unknown, wanted: unknown): void {
  const [is, shouldBe] = [text(found), text(wanted)]
  if (is !== shouldBe) throw new Error(`${is} instead of ${shouldBe}`)
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (one === undefined) return 'undefined'
    if (typeof one === 'bigint') return `${one}n`
    return one instanceof Uint8Array ? `bytes ${one.join()}` : one
  })
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
