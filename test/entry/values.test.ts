import { runInNewContext } from 'node:vm'
import { Readable } from 'node:stream'
import { type CacheEvent, createCache } from 'fastmiss'
import superjson from 'superjson'
import { afterEach, beforeEach, expect, test } from 'vitest'

class Private {
  readonly #secret = 1
  reveal(): number {
    return this.#secret
  }
}

class Named {
  readonly shown = 1
  readonly texts = [':a']
  get computed(): number {
    return 2
  }
}

class Writable {
  readonly map = new Map([['a', 1]])
  toJSON(): object {
    return Object.fromEntries(this.map)
  }
}

const LOST: Readonly<Record<string, () => unknown>> = {
  'a Map': () => new Map([['a', 1]]),
  'a Set': () => new Set([1]),
  'a WeakMap': () => new WeakMap(),
  'an Error': () => new Error('boom'),
  'an Error with properties': () => Object.assign(new Error('boom'), { code: 'E' }),
  'a DOMException': () => new DOMException('boom'),
  'a RegExp': () => /x/g,
  'a promise': () => Promise.resolve(1),
  'a Headers': () => new Headers({ a: 'b' }),
  'a Request': () => new Request('http://127.0.0.1/'),
  'a Response': () => new Response('x'),
  'a Blob': () => new Blob(['x']),
  'a FormData': () => new FormData(),
  'a URLSearchParams': () => new URLSearchParams('a=b'),
  'a ReadableStream': () => new ReadableStream(),
  'a stream of Node': () => Readable.from(['x']),
  'an ArrayBuffer': () => new ArrayBuffer(4),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(4),
  'a DataView': () => new DataView(new ArrayBuffer(2)),
  'a Float32Array': () => new Float32Array([0.5]),
  'a Uint8ClampedArray': () => new Uint8ClampedArray([1]),
  'a BigInt64Array': () => new BigInt64Array([1n]),
  'an iterator': () => [1].values(),
  'a symbol in an object': () => Object(Symbol('x')) as unknown,
  'an instance whose state is private': () => new Private(),
  'a thenable of a library': () =>
    new (class Query {
      readonly sql = 'select 1'
      // A query builder, such as knex: it runs when it is awaited.
      // oxlint-disable-next-line unicorn/no-thenable
      then(): void {}
    })(),
  'a Map of another realm': () => runInNewContext('new Map([["a", 1]])') as unknown,
  'an Error of another realm': () => runInNewContext('new Error("boom")') as unknown,
  'a bigint too long to be read back': () => 10n ** 5_000n,
}

const rejections: unknown[] = []
const keep = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', keep)
})
afterEach(() => void process.off('unhandledRejection', keep))

test.each(Object.entries(LOST))('%s is not stored, wherever it stands in the value', async (_name, make) => {
  const cache = createCache({ url: 'memory:' })
  const values: unknown[] = [{ deep: [{ inside: make() }] }, [1, [make()]], new Map([['a', make()]])]
  const one = make()
  if (!(one instanceof Promise)) values.push(one)
  for (const value of values) {
    expect(await cache.set('k', value)).toBe(false)
    expect(await cache.lookup('k')).toEqual({ status: 'miss' })
    const wrapped = await cache.wrapped('k', () => ({ value }))
    expect(wrapped).toMatchObject({ status: 'miss', stored: false, reason: 'decode' })
    expect(wrapped.value.value).toBe(value)
  }
})

test('a value that cannot be stored takes the one that was stored before with it, once it is loaded', async () => {
  const cache = createCache({ url: 'memory:' })
  let isOld = true
  const load = (): unknown => (isOld ? 'old' : new Map())
  const options = { ttl: 1, swr: 60_000 }
  await cache.wrap('k', load, options)
  isOld = false
  await expect.poll(async () => (await cache.lookup('k')).status).toBe('stale')
  expect(await cache.wrap('k', load, options)).toEqual(new Map())
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
})

test.each<[string, unknown, unknown]>([
  ['an instance with properties', new Named(), { shown: 1, texts: [':a'] }],
  ['an object that says how it is written', new Writable(), { a: 1 }],
  ['an object that writes itself', { a: 1, toJSON: (): unknown => undefined }, undefined],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a date that is none', [new Date(Number.NaN)], [null]],
  ['numbers that JSON lacks', [Number.NaN, Number.POSITIVE_INFINITY, -0], [null, null, 0]],
  ['a URL', new URL('http://127.0.0.1/'), 'http://127.0.0.1/'],
  ['primitives in an object', [Object('x'), Object(1), Object(false), Object(2n), 3n], ['x', 1, false, 2n, 3n]],
  ['functions and undefined as properties', { f() {}, a: undefined, list: [undefined] }, { list: [null] }],
  // oxlint-disable-next-line no-sparse-arrays
  ['an array with holes', [1, , 3], [1, null, 3]],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: ':b' }), { a: ':b' }],
  ['an empty object', {}, {}],
  ['an object of another realm', runInNewContext('({ a: [{}, ":b"] })'), { a: [{}, ':b'] }],
  ['a date of another realm', runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z'],
])('%s is stored as JSON writes it', async (_name, value, read) => {
  const cache = createCache({ url: 'memory:' })
  expect(await cache.set('k', { value })).toBe(true)
  expect(await cache.get('k')).toEqual(read === undefined ? {} : { value: read })
})

test.each([undefined, () => 1, Symbol('s')])('a value whose toJSON leaves %s is not stored, and the reason is told', async (nothing) => {
  const events: CacheEvent[] = []
  const cache = createCache({ url: 'memory:', onEvent: (event) => events.push(event) })
  expect(await cache.set('k', { toJSON: (): unknown => nothing }, { ttl: 60_000 })).toBe(false)
  expect(await cache.set('k', { toJSON: (): unknown => nothing })).toBe(false)
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
  expect(events.filter(({ type }) => type === 'degraded')).toMatchObject([{ reason: 'decode' }, { reason: 'decode' }])
})

test('a Buffer comes back as a Buffer and a Uint8Array as a Uint8Array, at any depth and for every caller', async () => {
  const cache = createCache({ url: 'memory:' })
  const value = {
    buffer: Buffer.from('héllo'),
    list: [[Buffer.from([0, 255])]],
    empty: Buffer.alloc(0),
    bytes: new Uint8Array([1, 2]),
    none: new Uint8Array(),
  }
  expect(await cache.wrap('k', async () => value)).toBe(value)
  expect(await cache.wrap('k', async () => value)).toStrictEqual(value)
  const top = await cache.wrap('top', async () => Buffer.from('hi'))
  expect(top).toStrictEqual(await cache.wrap('top', async () => Buffer.from('no')))
})

test('a Buffer that comes back shares its memory with nothing else', async () => {
  const cache = createCache({ url: 'memory:' })
  await cache.set('k', [Buffer.from('a'), Buffer.from('b')])
  const read = await cache.get<Buffer[]>('k')
  expect(read?.map(({ buffer }) => buffer.byteLength)).toEqual([1, 1])
})

test('bytes of another realm are bytes', async () => {
  const cache = createCache({ url: 'memory:' })
  expect(await cache.set('k', { list: [runInNewContext('new Uint8Array([7, 8])')] })).toBe(true)
  expect(await cache.get('k')).toStrictEqual({ list: [new Uint8Array([7, 8])] })
  expect(await cache.set('window', new Uint8Array([1, 2, 3]).subarray(1, 2))).toBe(true)
  expect(await cache.get('window')).toStrictEqual(new Uint8Array([2]))
})

test("superjson's default export is a serializer, and gives back what JSON would lose", async () => {
  const cache = createCache({ url: 'memory:', serializer: superjson })
  const value = { map: new Map([['a', new Set([1])]]), when: new Date(0), none: undefined }
  expect(await cache.set('k', value)).toBe(true)
  expect(await cache.get('k')).toEqual(value)
})

test.each([
  ['stringify', { stringify: async () => Promise.reject(new Error('boom')), parse: JSON.parse }],
  ['parse', { stringify: JSON.stringify, parse: async () => Promise.reject(new Error('boom')) }],
])('a serializer whose %s is async stores or reads nothing, and what it rejects with ends no process', async (_name, serializer) => {
  // What a caller without types would do.
  const cache = createCache({ url: 'memory:', serializer: serializer as never })
  await cache.set('k', 1)
  expect(await cache.get('k')).toBeUndefined()
  expect(await cache.wrap('k', async () => 2)).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(rejections).toEqual([])
})
