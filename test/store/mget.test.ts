import { createClient } from '@redis/client'
import { CacheError, createCache, type CacheEvent, type Command, type Reply, type Transport } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const KEYS = Array.from({ length: 100 }, (_, index) => `k${index}`)
const ENTRIES = KEYS.map((key, index) => ({ key, value: index }))
const VALUES = ENTRIES.map(({ value }) => value)

/** A store in this process, and what it was sent. @param refuse answers instead of it */
function given(refuse: (command: Command) => Reply | undefined = () => undefined): { transport: Transport; sent: Command[][] } {
  const texts = new Map<string, string>()
  const sent: Command[][] = []
  function run(command: Command): Reply {
    const [name, key = '', text = ''] = command
    const refused = refuse(command)
    if (refused !== undefined) return refused
    if (name === 'SET' && command.includes('NX') && texts.has(key)) return null
    if (name === 'SET') texts.set(key, text)
    if (name === 'SET') return 'OK'
    if (name === 'MGET') return command.slice(1).map((one) => texts.get(one) ?? null)
    return texts.get(key) ?? null
  }
  const transport: Transport = {
    name: 'given',
    spansSlots: false,
    open: () => ({
      isUsable: true,
      close: () => {},
      send: async (commands) => {
        sent.push([...commands])
        return commands.map(run)
      },
    }),
  }
  return { transport, sent }
}

function refusal(code: string): CacheError {
  return new CacheError(code === 'NOPERM' ? 'auth' : 'reply', `Redis answered with an error (${code})`, { cause: { name: 'ErrorReply', code } })
}

function namesOf(sent: readonly Command[][]): string[] {
  return sent.flat().map(([name = '']) => name)
}

test('getMany and hasMany of many keys are a few MGETs in one round trip, and answer by position', async () => {
  const { transport, sent } = given()
  const cache = createCache({ transport })
  await cache.setMany(ENTRIES)
  sent.length = 0
  expect(await cache.getMany(['none', ...KEYS, 'k7'])).toEqual([undefined, ...VALUES, 7])
  expect(await cache.hasMany(['none', ...KEYS])).toEqual([false, ...KEYS.map(() => true)])
  expect(sent).toHaveLength(2)
  expect(new Set(namesOf(sent))).toEqual(new Set(['MGET']))
  expect(namesOf(sent).length).toBeLessThan(12)
})

test.each(['CROSSSLOT', 'MOVED', 'NOPERM'])('where MGET is answered %s the keys are read by GETs, and MGET is not tried again', async (code) => {
  const { transport, sent } = given(([name]) => (name === 'MGET' ? refusal(code) : undefined))
  const cache = createCache({ transport })
  await cache.setMany(ENTRIES)
  sent.length = 0
  expect(await cache.getMany(KEYS)).toEqual(VALUES)
  expect(sent.map((batch) => batch[0]?.[0])).toEqual(['MGET', 'GET'])
  sent.length = 0
  expect(await cache.getMany(KEYS)).toEqual(VALUES)
  expect(sent.map((batch) => batch.map(([name]) => name))).toEqual([KEYS.map(() => 'GET')])
})

test('one MGET that is refused for a passing reason costs one more round trip, for its keys alone', async () => {
  const { transport, sent } = given((command) => (command[0] === 'MGET' && command.includes('k40') ? refusal('TRYAGAIN') : undefined))
  const cache = createCache({ transport })
  await cache.setMany(ENTRIES)
  for (let turn = 0; turn < 2; turn += 1) {
    sent.length = 0
    expect(await cache.getMany(KEYS)).toEqual(VALUES)
    expect(sent).toHaveLength(2)
    expect(sent[1]?.length).toBeLessThan(KEYS.length / 2)
  }
})

test('close() waits for the second round trip', async () => {
  const { transport } = given(([name]) => (name === 'MGET' ? refusal('CROSSSLOT') : undefined))
  const cache = createCache({ transport })
  await cache.setMany(ENTRIES)
  const invocation = cache.invocation()
  const reading = invocation.getMany(KEYS)
  await invocation.close()
  expect(await reading).toEqual(VALUES)
})

test('without an answer there is no second question', async () => {
  const failure = new CacheError('timeout', 'No answer', { phase: 'command' })
  const { transport, sent } = given(() => failure)
  const events: CacheEvent[] = []
  const cache = createCache({ transport, onEvent: (event) => events.push(event) })
  expect(await cache.getMany(KEYS)).toEqual(KEYS.map(() => undefined))
  expect(sent).toHaveLength(1)
  expect(events).toContainEqual(expect.objectContaining({ type: 'degraded', reason: 'timeout', count: 100 }))
})

test('an entry beyond the limits, and one that is none, fail alone', async () => {
  const { transport, sent } = given()
  const writer = createCache({ transport })
  await writer.setMany([...ENTRIES.slice(0, 40), { key: 'large', value: 'x'.repeat(2_000) }])
  const events: CacheEvent[] = []
  const cache = createCache({ transport, limits: { valueBytes: 1_000 }, onEvent: (event) => events.push(event) })
  sent.length = 0
  expect(await cache.getMany(['large', ...KEYS.slice(0, 40)])).toEqual([undefined, ...VALUES.slice(0, 40)])
  expect(namesOf(sent)).toContain('MGET')
  expect(events).toContainEqual(expect.objectContaining({ type: 'degraded', reason: 'oversize', count: 1 }))
  expect(events).toContainEqual(expect.objectContaining({ type: 'hit', count: 40 }))
})

test('what Redis keeps as a list is nothing to getMany, and wrapMany does not store over it', async () => {
  await using redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  await client.rPush('k3', 'somebody else')
  const cache = createCache({ url: redis.url, timeout: 5_000 })
  expect(await cache.getMany(KEYS)).toEqual(KEYS.map(() => undefined))
  const asked: string[] = []
  const load = (missing: readonly string[]): Map<string, number> => {
    asked.push(...missing)
    return new Map(missing.map((key) => [key, 1]))
  }
  expect(await cache.wrapMany(KEYS, load)).toEqual(KEYS.map(() => 1))
  expect(await client.type('k3')).toBe('list')
  expect(await cache.wrapMany(KEYS, load)).toEqual(KEYS.map(() => 1))
  // The others are stored; the list is asked for each time, as `wrap` does.
  expect(asked).toEqual([...KEYS, 'k3'])
  client.destroy()
})

test('wrapMany asks for texts and for nothing else, and what somebody stores meanwhile stays', async () => {
  const { transport, sent } = given()
  const cache = createCache({ transport })
  const other = createCache({ transport })
  const events: CacheEvent[] = []
  const told = createCache({ transport, onEvent: (event) => events.push(event) })
  const load = async (missing: readonly string[]): Promise<Map<string, string>> => {
    await other.set('k3', 'theirs')
    return new Map(missing.map((key) => [key, 'ours']))
  }
  expect(await told.wrapMany(KEYS, load)).toEqual(KEYS.map(() => 'ours'))
  expect(events).toContainEqual(expect.objectContaining({ type: 'write', operation: 'wrap', count: KEYS.length - 1 }))
  sent.length = 0
  expect(await cache.wrapMany(KEYS, load)).toEqual(KEYS.map((key) => (key === 'k3' ? 'theirs' : 'ours')))
  expect(sent).toHaveLength(1)
  expect(new Set(namesOf(sent))).toEqual(new Set(['MGET']))
})

test('a user who may GET and not MGET reads many keys', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  const client = await createClient({ url: redis.url }).connect()
  await client.sendCommand(['ACL', 'SETUSER', 'app', 'reset', 'on', '>pw', '~*', '-@all', '+get', '+set'])
  const cache = createCache({ url: redis.url.replace('redis://', 'redis://app:pw@'), timeout: 5_000 })
  await cache.setMany(ENTRIES)
  expect(await cache.getMany(KEYS)).toEqual(VALUES)
  expect(await cache.wrapMany(KEYS, () => new Map())).toEqual(VALUES)
  client.destroy()
})
