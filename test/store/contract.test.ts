import { type LocalCluster, type LocalRedis, type LocalUpstash, startCluster, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKeys } from '../../src/entry/keys.ts'
import { CacheError } from '../../src/errors.ts'
import { internalsOf } from '../../src/facade/internals.ts'
import type { CacheOptions } from '../../src/facade/types.ts'
import { createCache } from '../../src/index.ts'
import { scanPages } from '../../src/store/scan.ts'
import type { Store, Text } from '../../src/store/store.ts'

let redis: LocalRedis
let upstash: LocalUpstash
let cluster: LocalCluster

beforeAll(async () => {
  redis = await startRedis()
  cluster = await startCluster({ replicas: 0 })
  upstash = await startUpstash({ redis: redis.url })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
  await cluster.stop()
})

const WIRES: readonly (readonly [name: string, options: () => CacheOptions])[] = [
  ['memory', () => ({ url: 'memory:' })],
  ['tcp', () => ({ url: redis.url })],
  ['http', () => ({ url: upstash.url, token: upstash.token })],
  ['cluster', () => ({ url: cluster.url })],
]

describe.each(WIRES)('the store over %s', (wire, options) => {
  const context = (more: CacheOptions = {}) => internalsOf(createCache({ timeout: 10_000, ...options(), ...more }))
  const open = (more: CacheOptions = {}): Store => context(more).store
  const read = (store: Store, key: string): Promise<Text> => store.read(key, 'entry', undefined, (text) => text)
  const key = (name: string): string => `${wire}:${name}`

  test('a text that was written is read as it was, and what is not there is undefined', async () => {
    const store = open()
    for (const text of ['', 'plain', '{"value":1}', 'ß😀\u0000', '007']) {
      expect(await store.write([{ key: key('text'), text, ttl: undefined }], 'entry')).toEqual([true])
      expect(await read(store, key('text'))).toBe(text)
    }
    expect(await read(store, key('none'))).toBeUndefined()
  })

  test('what is asked for in one turn is answered in the order in which it was asked for', async () => {
    const store = open()
    const answers = await Promise.all([
      read(store, key('turn')),
      store.write([{ key: key('turn'), text: 'a', ttl: 60_000 }], 'entry'),
      read(store, key('turn')),
      store.write([{ keys: [key('turn')] }], 'entry'),
      read(store, key('turn')),
    ])
    expect(answers).toEqual([undefined, [true], 'a', [true], undefined])
  })

  test('a version that is read behind a write of its own turn is the new one, however many read it', async () => {
    const store = open()
    const version = (): Promise<Text> => store.read(key('version'), 'version', undefined, (text) => text)
    const before = [version(), version()]
    const writing = store.write([{ key: key('version'), text: 'v', ttl: 60_000 }], 'version')
    const after = [version(), store.readMany([key('version')], 'version').then(([text]) => text)]
    expect(await Promise.all([...before, writing, ...after])).toEqual([undefined, undefined, [true], 'v', 'v'])
  })

  test('only who finds nothing writes where a write is for what is absent', async () => {
    const store = open()
    const write = { key: key('absent'), ttl: 60_000, ifAbsent: true }
    expect(
      await store.write(
        [
          { ...write, text: 'a' },
          { ...write, text: 'b' },
        ],
        'lease',
      ),
    ).toEqual([true, false])
    expect(await read(store, key('absent'))).toBe('a')
  })

  test('a removal says whether there was anything, and may name several keys of one slot', async () => {
    const store = open()
    const keys = [key('{slot}a'), key('{slot}b')]
    await store.write(
      keys.map((one) => ({ key: one, text: 'x', ttl: 60_000 })),
      'entry',
    )
    expect(await store.readMany(keys, 'entry', undefined, { isOneSlot: true })).toEqual(['x', 'x'])
    expect(await store.write([{ keys, isLazy: true }, { keys, isLazy: true }, { keys: [key('none')] }], 'entry')).toEqual([true, false, false])
    expect(await store.readMany(keys, 'entry', undefined, { isOneSlot: true })).toEqual([undefined, undefined])
  })

  test('many keys are answered by position, with what could not be a key as it was', async () => {
    const store = open()
    const refusal = new CacheError('oversize', 'no key')
    expect(await store.write([refusal, { key: key('many'), text: 'x', ttl: 60_000 }], 'entry')).toEqual([refusal, true])
    expect(await store.readMany([key('none'), refusal, key('many')], 'entry')).toEqual([undefined, refusal, 'x'])
    expect(await store.readMany([key('none'), refusal, key('many')], 'entry', undefined, { isPresenceOnly: true })).toEqual([undefined, refusal, ''])
    expect([await store.readMany([refusal], 'entry'), await store.write([refusal], 'entry')]).toEqual([[refusal], [refusal]])
    expect([await store.readMany([], 'entry'), await store.write([], 'entry')]).toEqual([[], []])
  })

  test('an entry ends with its time to live, which is told with the text', async () => {
    const store = open()
    await store.write(
      [
        { key: key('aged'), text: 'x', ttl: 60_000 },
        { key: key('endless'), text: 'y', ttl: undefined },
      ],
      'entry',
    )
    const ages: (number | CacheError)[] = []
    const onAge = (index: number, left: number | CacheError) => (ages[index] = left)
    expect(await store.readMany([key('aged'), key('endless'), key('none')], 'version', undefined, { onAge })).toEqual(['x', 'y', undefined])
    expect(ages[0]).toBeGreaterThan(50_000)
    expect(ages[0]).toBeLessThanOrEqual(60_000)
    expect(ages.slice(1)).toEqual([-1, -2])
  })

  test('a walk sees the keys of its range, and no others', async () => {
    const { session, store } = context()
    const range = createKeys(`${wire}-walk`)
    const names = Array.from({ length: 30 }, (_, index) => range.public(`k${index}`))
    await store.write(
      [...names, key('other')].map((one) => ({ key: one, text: 'x', ttl: 60_000 })),
      'entry',
    )
    const seen = new Set<string>()
    for await (const page of scanPages({ session, store }, range)) {
      if (page instanceof CacheError) throw page
      for (const one of page.keys) seen.add(one)
    }
    expect([...seen].sort()).toEqual(names.sort())
  })

  test('an aborted signal ends the wait for each of them with a reason, and rejects none', async () => {
    const store = open()
    const request = { signal: AbortSignal.abort() }
    const aborted = expect.objectContaining({ code: 'aborted' })
    expect(await store.read(key('x'), 'entry', request, (text) => text)).toEqual(aborted)
    expect(await store.readMany([key('x'), key('y')], 'version', request)).toEqual([aborted, aborted])
    expect(await store.write([{ key: key('x'), text: 'x', ttl: 1 }], 'entry', request)).toEqual([aborted])
    expect(await store.walk(createKeys('x'), undefined, request)).toEqual(aborted)
  })

  test("what makes an outcome of a text may take its time, and a mistake in it is the reader's", async () => {
    const store = open()
    expect(await store.read(key('none'), 'entry', undefined, async (text) => [text])).toEqual([undefined])
    const mistake = new TypeError('mine')
    await expect(
      store.read(key('none'), 'entry', undefined, () => {
        throw mistake
      }),
    ).rejects.toBe(mistake)
  })
})

test('a server that cannot be reached is an answer for each key, and no rejection', async () => {
  const { store } = internalsOf(createCache({ url: 'redis://127.0.0.1:1' }))
  const failed = expect.objectContaining({ code: expect.stringMatching(/unreachable|cooldown/) as string })
  const answers = await Promise.all([
    store.read('a', 'entry', undefined, (text) => text),
    store.readMany(['a', 'b'], 'entry'),
    store.write([{ key: 'a', text: 'x', ttl: 1 }, { keys: ['b'] }], 'entry'),
    store.walk(createKeys(undefined), undefined),
  ])
  expect(answers).toEqual([failed, [failed, failed], [failed, failed], failed])
})
