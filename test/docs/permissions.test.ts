import { readFile } from 'node:fs/promises'
import { createClient } from '@redis/client'
import { type CacheEvent, createCache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import { cacheHandler } from 'fastmiss/next'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { type LocalRedis, startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import Keyv from 'keyv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NEEDED_COMMANDS } from '../../src/cli/doctor/needed-commands.ts'
import { doctor } from '../cli/support/doctor.ts'

const PAGE = await readFile('docs/permissions.md', 'utf8')
/** The rows of the table: what stands in the first column, and the commands. */
const ROWS = [...PAGE.matchAll(/^\| (.*[^-]) \| (`.*`) \|$/gm)].map(
  ([, feature = '', commands = '']) => [feature, commands.replaceAll(/[`,]/g, '').split(' ')] as const,
)

/** Asked where they are allowed, and done without where they are not; the page says so below the table. */
const OPTIONAL = ['CLUSTER', 'ROLE', 'TYPE']

let redis: LocalRedis
let admin: ReturnType<typeof createClient>
beforeAll(async () => {
  redis = await startRedis({ binary: 'redis-server' })
  admin = createClient({ url: redis.url })
  await admin.connect()
})
afterAll(async () => {
  admin.destroy()
  await redis.stop()
})

/** @returns the URL of a user that may do this and nothing else, in its namespace */
async function userWith(commands: readonly string[]): Promise<string> {
  await admin.sendCommand(['ACL', 'LOG', 'RESET'])
  await admin.sendCommand(['ACL', 'SETUSER', 'app', 'reset', 'on', '>pw', '~app:*', '-@all', ...commands.map((name) => `+${name.toLowerCase()}`)])
  return redis.url.replace('redis://', 'redis://app:pw@')
}

const MANY = Array.from({ length: 40 }, (_, index) => `many-${index}`)

const options = { namespace: 'app', timeout: 2_000, cooldown: 0, maxCooldown: 0 }

/** What each row promises. Each answers whether it worked. */
const FEATURES: Readonly<Record<string, (url: string) => Promise<unknown[]>>> = {
  async get(url) {
    await using cache = createCache({ ...options, url }).invocation()
    return [(await cache.lookup('none')).status, await cache.get('none'), await cache.has('none')]
  },
  async getMany(url) {
    await using cache = createCache({ ...options, url }).invocation()
    return [await cache.getMany(['none', 'other']), await cache.getMany(MANY), await cache.hasMany(MANY)]
  },
  async set(url) {
    const cache = createCache({ ...options, url })
    return [await cache.set('a', 1, { ttl: 1_000 }), await cache.setMany([{ key: 'b', value: 1 }])]
  },
  async delete(url) {
    const cache = createCache({ ...options, url })
    return [await cache.delete('a'), await cache.deleteMany(['a', 'b'])]
  },
  async take(url) {
    const cache = createCache({ ...options, url })
    const events: CacheEvent[] = []
    await createCache({ ...options, url, onEvent: (event) => void events.push(event) }).take('none')
    return [await cache.take('none'), events.map(({ type }) => type)]
  },
  async touch(url) {
    await admin.set('app::touched', '{"value":1}')
    return [await createCache({ ...options, url }).touch('touched', 60_000)]
  },
  async keys(url) {
    const keys = createCache({ ...options, url }).keys()
    const found: string[] = []
    for await (const key of keys) found.push(key)
    return [found.length > 0, keys.failure?.code]
  },
  async expireTags(url) {
    return [await createCache({ ...options, url }).expireTags(['x'])]
  },
  async wrap(url) {
    const cache = createCache({ ...options, url })
    const { stored } = await cache.wrapped('w', () => 1, { ttl: 1_000 })
    return [stored]
  },
  async wrapMany(url) {
    const cache = createCache({ ...options, url })
    const load = (missing: readonly string[]): Map<string, number> => new Map(missing.map((key) => [key, 1]))
    return [await cache.wrapMany(['x', 'y'], load, { ttl: 1_000 }), await cache.wrapMany(MANY, load, { ttl: 1_000 })]
  },
  async 'wrap with lease'(url) {
    const { stored } = await createCache({ ...options, url }).wrapped('leased', () => 1, { ttl: 1_000, lease: true })
    return [stored]
  },
  async tags(url) {
    const cache = createCache({ ...options, url })
    const { stored } = await cache.wrapped('tagged', () => 1, { ttl: 60_000, tags: ['x'] })
    const [found, invalidated] = [await cache.get('tagged'), await cache.invalidateTags(['x'])]
    const late = await cache.wrapped('late', ({ setTags }) => setTags(['x', 'z']), { ttl: 60_000, negativeTtl: 60_000 })
    return [stored, found, invalidated, (await createCache({ ...options, url }).lookup('tagged')).status, late.status]
  },
  async clear(url) {
    return [await createCache({ ...options, url }).clear({ timeout: 5_000 })]
  },
  async health(url) {
    return [(await createCache({ ...options, url }).health()).status]
  },
  async responseCache(url) {
    const cache = createCache({ ...options, url })
    const app = new Hono().use(cacheContext({ cache })).use(responseCache({ preset: 'full', ttl: 60_000 }))
    app.get('/', (c) => c.text('hello', 200, { vary: 'accept-language' }))
    app.post('/', (c) => c.text('changed'))
    const statuses: unknown[] = []
    for (const method of ['GET', 'GET', 'POST', 'GET']) {
      statuses.push((await app.request('http://localhost/', { method, headers: { 'accept-language': 'de' } })).headers.get('cache-status'))
    }
    return statuses
  },
  async Next(url) {
    const Handler = cacheHandler({ ...options, url, buildId: 'b' })
    const handler = new Handler({})
    const read = async (softTags: readonly string[]): Promise<boolean> => (await handler.get('n', { kind: 'FETCH', softTags })) !== null
    await handler.revalidateTag('soft', { expire: 60 })
    const missing = await read([])
    await handler.set('n', { kind: 'FETCH' }, { fetchCache: true, tags: ['x'] })
    // Of a path that the entry does not know its age tells.
    const found = [await read([]), await read(['soft'])]
    await handler.revalidateTag('x', { expire: 60 })
    return [!missing, ...found, await read([])]
  },
  async Keyv(url) {
    const store = new KeyvFastmiss(url, { timeout: 2_000, namespace: 'app' })
    const keyv = new Keyv({ store, namespace: 'app' })
    const written = await keyv.set('k', 1, 60_000)
    const answers = [written, await keyv.get('k'), await keyv.has('k'), await keyv.getMany(MANY), await store.hasMany(['k']), await keyv.delete('k')]
    await keyv.clear()
    await keyv.disconnect()
    return answers
  },
}

/** How a row begins. */
function nameOf(row: string): string {
  if (row.includes('`lease`')) return 'wrap with lease'
  return /^`?(\w+)/.exec(row)?.[1] ?? ''
}

/** What was refused since the user was made. */
async function refused(): Promise<string[]> {
  return [...JSON.stringify(await admin.sendCommand(['ACL', 'LOG'])).matchAll(/"object"[,:]"(\w+)"/g)].map(([, name = '']) => name)
}

/** How often each command was sent since they were reset. */
async function statistics(): Promise<string> {
  return JSON.stringify(await admin.sendCommand(['INFO', 'commandstats'])).toUpperCase()
}

/** What only a list of variants that has to live longer takes. */
const SELDOM = ['PEXPIRE']

test.each(ROWS)('%s: the commands in the table suffice, and each is one that is sent', async (row, commands) => {
  const run = FEATURES[nameOf(row)]
  expect([row, run]).toEqual([row, expect.any(Function)])
  const url = await userWith(commands)
  await admin.sendCommand(['CONFIG', 'RESETSTAT'])
  const answers = await run?.(url)
  const stats = await statistics()
  const seldom = nameOf(row) === 'responseCache' ? SELDOM : []
  expect(commands.filter((name) => !seldom.includes(name) && !stats.includes(`CMDSTAT_${name}:`))).toEqual([])
  const needed = (await refused()).filter((name) => !OPTIONAL.includes(name.split('|')[0]?.toUpperCase() ?? ''))
  expect([answers, needed]).toEqual([answers, []])
  expect(JSON.stringify(answers)).not.toMatch(/degraded|^\[false|auth/)
})

test('what the doctor hints, what the page gives to copy, and what the store sends are the same', async () => {
  const [, copied = ''] = /^ACL SETUSER app .* -@all (.*)$/m.exec(PAGE) ?? []
  const rules = NEEDED_COMMANDS.map((name) => `+${name.toLowerCase()}`).join(' ')
  expect(copied).toBe(rules)
  expect([...new Set(ROWS.flatMap(([, commands]) => commands))].toSorted()).toEqual(NEEDED_COMMANDS.toSorted())
  const sent = [...(await readFile('src/store/commands.ts', 'utf8')).matchAll(/\['([A-Z]+)'/g)].map(([, name = '']) => name)
  expect([...new Set(sent)].toSorted()).toEqual([...NEEDED_COMMANDS, ...OPTIONAL].toSorted())
  for (const name of OPTIONAL) expect(PAGE).toContain(`\`${name}`)
  const visit = await doctor([await userWith([])])
  expect(visit.step('ping')?.hint).toContain(rules)
})

test('the doctor names the commands that single features lack', async () => {
  const visit = await doctor([await userWith(NEEDED_COMMANDS.filter((name) => name !== 'UNLINK' && name !== 'SCAN')), '--namespace', 'app'])
  expect(visit.step('probe key')).toMatchObject({
    status: 'warning',
    finding: expect.stringContaining('may not UNLINK, SCAN') as string,
    hint: expect.stringContaining('+unlink +scan') as string,
  })
  const well = await doctor([await userWith(NEEDED_COMMANDS), '--namespace', 'app'])
  expect(well.step('probe key')?.status).toBe('ok')
})
