import { createCache } from 'fastmiss'
import { testCache } from 'fastmiss/testing'
import { KeyvJsonSerializer } from 'keyv'
import { describe, expect, test } from 'vitest'
import { onWire, WIRES } from './support/wires.ts'

const LONG = { text: 'äöü €uro 😀 and plain words, again and again. '.repeat(500), big: 2n ** 70n, bytes: new Uint8Array([0, 255]) }

describe.each(WIRES)('over %s', (wire) => {
  test('a long entry is compressed, and read whether compression is on or not, with tags and stale too', async () => {
    await using given = await onWire(wire, { compression: true })
    const { cache } = given
    expect(await cache.set('set', LONG)).toBe(true)
    expect(
      await cache.setMany([
        { key: 'many', value: LONG, tags: ['t'] },
        { key: 'short', value: 1 },
      ]),
    ).toEqual([true, true])
    const options = { ttl: 30, staleIfError: 60_000, tags: ['t'] }
    expect(await cache.wrapped('wrap', () => LONG, options)).toMatchObject({ stored: true })
    expect(await cache.getMany(['set', 'many', 'short', 'none'])).toEqual([LONG, LONG, 1, undefined])
    expect(await cache.get('set')).toEqual(LONG)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(await cache.wrapped('wrap', () => Promise.reject(new Error('down')), options)).toMatchObject({ value: LONG, status: 'stale' })
    if (wire === 'memory') return
    const plain = createCache({ url: given.url, namespace: 'app', timeout: 2_000 })
    expect(await plain.getMany(['set', 'many'])).toEqual([LONG, LONG])
    const stored = String(await given.raw('GET', 'app::set'))
    expect(stored.length).toBeLessThan(2_000)
    expect(new KeyvJsonSerializer().parse(stored)).toMatchObject({ value: expect.any(String), zip: true })
    await cache.invalidateTags(['t'])
    expect(await plain.getMany(['set', 'many'])).toEqual([LONG, undefined])
  })
})

test('it is off by default; a threshold says from which length on; what does not become shorter stays as it is', async () => {
  const stored = async (value: unknown, compression?: boolean | { threshold?: number }): Promise<string> => {
    await using cache = testCache(compression === undefined ? {} : { compression })
    await cache.set('k', value)
    expect(await cache.get('k')).toEqual(value)
    return cache.commands[0]?.[2] ?? ''
  }
  expect(await stored(LONG)).not.toContain('"zip"')
  expect(await stored(LONG, false)).not.toContain('"zip"')
  expect(await stored(LONG, true)).toContain('"zip":true')
  expect(await stored('x'.repeat(1_000), true)).not.toContain('"zip"')
  expect(await stored('x'.repeat(1_000), { threshold: 1_000 })).toContain('"zip":true')
  const noise = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(3_000))))
  expect(await stored(noise, { threshold: 10 })).not.toContain('"zip"')
})

test('what claims to be compressed and is not is no entry, and what expands beyond the limit is cut off', async () => {
  await using given = await onWire('tcp', { limits: { valueBytes: 10_000 } })
  const { cache } = given
  for (const value of ['"no base64!"', '"AAAA"', '""', '5', '{}']) {
    await given.raw('SET', 'app::k', `{"value":${value},"zip":true}`)
    expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'decode' })
    expect(await cache.getMany(['k'])).toEqual([undefined])
  }
  const bomb = createCache({ url: given.url, namespace: 'app', timeout: 2_000, compression: true })
  expect(await bomb.set('bomb', '0'.repeat(5_000_000))).toBe(true)
  expect(await cache.lookup('bomb')).toMatchObject({ status: 'degraded', reason: 'oversize' })
})

test('many compressed entries of one read are expanded one after the other', async () => {
  await using cache = testCache({ compression: true })
  const entries = Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: `${index} `.repeat(50_000) }))
  await cache.setMany(entries)
  const { most, restore } = countExpansions()
  try {
    const keys = entries.map(({ key }) => key)
    expect(await cache.getMany(keys, { timeout: 10_000 })).toEqual(entries.map(({ value }) => value))
    expect(most()).toBe(1)
  } finally {
    restore()
  }
})

test('expansion is inside the timeout: what there is no time for is a timeout of this call, and no outage', async () => {
  await using cache = testCache({ compression: true })
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
  await cache.setMany(keys.map((key) => ({ key, value: key.repeat(1_000_000) })))
  await cache.set('plain', 1)
  expect((await cache.getMany([...keys, 'plain'], { timeout: 20 })).slice(-2)).toEqual([undefined, 1])
  expect(await cache.lookup('k0', { timeout: 1 })).toMatchObject({ status: 'degraded', reason: 'timeout', phase: 'command' })
  expect(await cache.wrapped('k0', () => 'loaded', { timeout: 1 })).toMatchObject({ value: 'loaded', reason: 'timeout' })
  const controller = new AbortController()
  const aborted = cache.lookup('k0', { signal: controller.signal, timeout: 10_000 })
  queueMicrotask(() => queueMicrotask(() => controller.abort()))
  expect(await aborted).toMatchObject({ status: 'degraded', reason: 'aborted' })
  expect(cache.events.filter(({ type }) => type === 'cooldown')).toEqual([])
  expect(await cache.get('k0', { timeout: 10_000 })).toBe('k0'.repeat(1_000_000))
})

/** How many expansions are under way at a time. */
function countExpansions() {
  const original = globalThis.DecompressionStream
  let underWay = 0
  let most = 0
  globalThis.DecompressionStream = class extends original {
    override get readable() {
      underWay += 1
      most = Math.max(most, underWay)
      return super.readable.pipeThrough(new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({ flush: () => void (underWay -= 1) }))
    }
  }
  return { most: () => most, restore: () => void (globalThis.DecompressionStream = original) }
}

test('wrong options are refused', () => {
  for (const [compression, message] of [
    [5, /^compression: expected true, false or \{ threshold \}, got 5/],
    [{ threshold: 0 }, /^compression\.threshold: /],
    [{ level: 5 }, /^compression\.level: unknown option/],
  ] as const) {
    expect(() => createCache({ url: 'memory:', compression: compression as never })).toThrow(message)
  }
})
