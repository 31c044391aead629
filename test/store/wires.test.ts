import { createClient, RESP_TYPES } from '@redis/client'
import { type Cache, createCache } from 'fastmiss'
import { type LocalRedis, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import { createClient as createClientOfRedis } from 'redis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

let redis: LocalRedis
let upstash: LocalUpstash

beforeAll(async () => {
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
})

/** Every way to the same Redis. */
const WIRES: readonly (readonly [name: string, open: () => Cache])[] = [
  ['tcp', () => createCache({ url: redis.url, namespace: 'wires', timeout: 10_000 })],
  ['tcp by a client of redis', () => createCache({ url: redis.url, namespace: 'wires', timeout: 10_000, createClient: createClientOfRedis })],
  ['http', () => createCache({ url: upstash.url, token: upstash.token, namespace: 'wires', timeout: 10_000 })],
]

const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['an object', { id: 1, nested: [null, true, 1.5, 'text', { '': [] }] }],
  ['a number', -0.1e-7],
  ['an empty string', ''],
  ['a string that looks like a number', '007'],
  ['a string that looks like JSON', '{"value":1}'],
  ['a string that begins with a colon', ':base64:no'],
  ['two colons', '::'],
  ['emoji and other planes', '😀 👩‍👩‍👧 𝄞 ﷽ \u2028 \u0000 \ufeff'],
  ['half of an emoji', '\ud83d'],
  ['every character of one byte', String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))],
  ['all 256 byte values', Uint8Array.from({ length: 256 }, (_, index) => index)],
  ['bytes that are no UTF-8', new Uint8Array([0x1f, 0x8b, 0x08, 0xff, 0xfe, 0xc3, 0x28])],
  ['no bytes', new Uint8Array()],
  ['a bigint', -(2n ** 70n)],
  ['bytes and a bigint inside an object', { bytes: new Uint8Array([0, 127, 128, 255]), amount: 10n ** 30n, text: ':colon' }],
  ['1 MB of text', 'ß'.repeat(500_000)],
  ['1 MB of bytes', Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 31) % 256)],
]

const KEYS = ['plain', 'a/b%2F?c=d&e#f', 'with space and "quotes"', 'line\nbreak\r\n', ':colon:', 'ключ-😀', '\u0000\u0001', '*[?]\\']

describe.each(VALUES)('%s', (name, value) => {
  test('is stored as the same bytes by every wire, and read by every other', async () => {
    // The entry says when it was written.
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (const [wire, open] of WIRES) expect(await open().set(`${name} by ${wire}`, value, { ttl: 60_000 })).toBe(true)
    } finally {
      vi.useRealTimers()
    }
    const stored = await Promise.all(WIRES.map(([wire]) => bytesOf(`wires::${name} by ${wire}`)))
    expect(stored[0]?.length).toBeGreaterThan(0)
    for (const bytes of stored) expect(bytes?.equals(stored[0] ?? Buffer.alloc(0))).toBe(true)
    for (const [, open] of WIRES) {
      const reader = open()
      for (const [wire] of WIRES) expect(await reader.get(`${name} by ${wire}`)).toStrictEqual(value)
    }
  })
})

test.each(KEYS)('the key %j is one and the same over every wire', async (key) => {
  for (const [wire, open] of WIRES) {
    expect(await open().set(key, wire)).toBe(true)
    for (const [, other] of WIRES) expect(await other().get(key)).toBe(wire)
    expect(await bytesOf(`wires::${key}`)).toBeDefined()
  }
})

/** As Redis has it, past everything of ours. */
async function bytesOf(key: string): Promise<Buffer | undefined> {
  const client = createClient({ url: redis.url }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  await client.connect()
  try {
    return (await client.get(key)) ?? undefined
  } finally {
    client.destroy()
  }
}
