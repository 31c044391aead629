import type { StandardSchema } from 'fastmiss'
import { testCache } from 'fastmiss/testing'
import * as devalue from 'devalue'
import superjson from 'superjson'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'

const User = v.object({ name: v.string(), since: v.pipe(v.string(), v.toDate()) })
/** Standard Schema allows a promise. */
const Slow = v.pipeAsync(
  v.object({ name: v.string() }),
  v.checkAsync(async ({ name }) => name !== 'forbidden'),
)
const ada = { name: 'Ada', since: '2026-01-31' }

test('what the schema makes of the value is returned, loaded and stored alike; the loaded value is stored', async () => {
  await using cache = testCache()
  for (const status of ['miss', 'hit']) {
    expect(await cache.wrapped('k', () => ada, { schema: User })).toMatchObject({ value: { name: 'Ada', since: new Date('2026-01-31') }, status })
  }
  expect(await cache.get('k')).toEqual(ada)
  expect(await cache.wrapMany(['k', 'other'], () => ({ other: ada }), { schema: User })).toEqual([
    { name: 'Ada', since: new Date('2026-01-31') },
    { name: 'Ada', since: new Date('2026-01-31') },
  ])
})

test('what is stored and does not pass is a miss', async () => {
  await using cache = testCache()
  await cache.set('k', { nom: 'Ada' })
  expect(await cache.wrapped('k', () => ada, { schema: User })).toMatchObject({ value: { name: 'Ada' }, status: 'miss', stored: true })
  expect(await cache.wrapped('k', () => ({}), { schema: User })).toMatchObject({ status: 'hit' })
  await cache.set('many', 5)
  expect(await cache.wrapMany(['many'], () => ({ many: ada }), { schema: User })).toMatchObject([{ name: 'Ada' }])
})

test('what is loaded and does not pass rejects and is not stored', async () => {
  await using cache = testCache()
  const rejected = cache.wrap('k', () => ({ name: 5 }), { schema: User })
  await expect(rejected).rejects.toThrow(TypeError)
  await expect(rejected).rejects.toMatchObject({
    message: expect.stringMatching(/^The loaded value does not pass the schema/),
    cause: { 0: { message: expect.any(String) } },
  })
  expect(await cache.has('k')).toBe(false)
  await expect(cache.wrapMany(['k', 'l'], () => ({ k: {}, l: ada }), { schema: User })).rejects.toThrow(/^The loaded value/)
  expect(await cache.get('l')).toEqual(ada)
})

test('where a stale value may be served, it is served instead of one that does not pass', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, staleIfError: 60_000, schema: User }
  await cache.wrap('k', () => ada, options)
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', () => ({}), options)).toMatchObject({ value: { name: 'Ada' }, status: 'stale', reason: 'loader' })
})

test('a schema may take its time', async () => {
  await using cache = testCache()
  await cache.set('k', { name: 'forbidden' })
  expect(await cache.wrapped('k', () => ({ name: 'Ada' }), { schema: Slow })).toMatchObject({ status: 'miss', value: { name: 'Ada' } })
  expect(await cache.wrapped('k', () => ({ name: 'x' }), { schema: Slow })).toMatchObject({ status: 'hit', value: { name: 'Ada' } })
  await expect(cache.wrap('l', () => ({ name: 'forbidden' }), { schema: Slow })).rejects.toThrow(/schema/)
})

test('a schema that throws has not let a stored value pass, and its error is the one for a loaded value', async () => {
  await using cache = testCache()
  await cache.set('k', 1)
  const error = new Error('the schema fails')
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate(value: unknown): { value: unknown } {
        if (value === 1) throw error
        return { value }
      },
    },
  }
  expect(await cache.wrapped('k', () => 2, { schema })).toMatchObject({ value: 2, status: 'miss' })
  await expect(cache.wrap('l', () => 1, { schema })).rejects.toBe(error)
})

test('those who wait for one load check it each with a schema of their own', async () => {
  await using cache = testCache()
  const load = () => new Promise((resolve) => setTimeout(resolve, 20, ada))
  const [plain, checked, refused] = await Promise.allSettled([
    cache.wrap('k', load),
    cache.wrap('k', load, { schema: User }),
    cache.wrap('k', load, { schema: v.number() }),
  ])
  expect(plain).toMatchObject({ value: ada })
  expect(checked).toMatchObject({ value: { since: new Date('2026-01-31') } })
  expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('schema') } })
})

describe.each([
  ['superjson', { stringify: (value: unknown) => superjson.stringify(value), parse: (text: string): unknown => superjson.parse(text) }],
  ['devalue', { stringify: (value: unknown) => devalue.stringify(value), parse: (text: string): unknown => devalue.parse(text) }],
])('with %s as the serializer', (_, serializer) => {
  test('dates, maps, sets and undefined members come back, with tags, and stale too', async () => {
    await using cache = testCache({ serializer })
    const value = { at: new Date(0), map: new Map([['a', 1n]]), set: new Set([1, 2]), nothing: undefined }
    const options = { ttl: 1_000, staleIfError: 60_000, tags: ['t'] }
    expect(await cache.wrapped('k', () => value, options)).toMatchObject({ status: 'miss', stored: true })
    expect(await cache.get('k')).toEqual(value)
    cache.clock.advance(1_500)
    expect(await cache.wrapped('k', () => Promise.reject(new Error('down')), options)).toMatchObject({ status: 'stale', value })
    await cache.invalidateTags(['t'])
    expect(await cache.lookup('k')).toEqual({ status: 'miss' })
    expect(await cache.wrapped('none', () => undefined, { negativeTtl: 60_000 })).toMatchObject({ value: undefined, stored: true })
    expect(await cache.wrapped('none', () => undefined)).toMatchObject({ value: undefined, status: 'hit' })
  })
})

test('a schema that answers by a promise of its own kind, or with nothing, lets nothing pass that it should not', async () => {
  await using cache = testCache()
  const schema = (validate: () => unknown): StandardSchema => ({ '~standard': { version: 1, vendor: 'own', validate: validate as never } })
  const thenable = { then: (done: (result: object) => void) => done({ issues: [{ message: 'no' }] }) }
  const reject = { issues: [{ message: 'no' }] }
  for (const validate of [() => thenable, () => Promise.resolve(undefined), () => undefined, () => Promise.resolve(reject)]) {
    await cache.set('k', 1)
    let calls = 0
    const loading = cache.wrapped('k', () => (calls += 1), { schema: schema(() => (calls === 0 ? validate() : { value: 2 })) })
    expect(await loading).toMatchObject({ value: 2, status: 'miss' })
  }
})

describe('a schema that never settles', () => {
  const endless = standard(() => new Promise(() => {}))
  const options = { schema: endless, loaderTimeout: { hard: 60 } }

  test('is given up at loaderTimeout.hard, for a loaded value and for a stored one', async () => {
    await using cache = testCache()
    await cache.set('stored', 1)
    for (const key of ['new', 'stored']) {
      const startedAt = performance.now()
      await expect(cache.wrap(key, () => 2, options)).rejects.toMatchObject({
        name: 'TimeoutError',
        message: expect.stringContaining('schema') as string,
      })
      await expect(cache.wrapMany([key, `${key} too`], (keys) => new Map(keys.map((one) => [one, 2])), options)).rejects.toMatchObject({
        name: 'TimeoutError',
      })
      expect(performance.now() - startedAt).toBeLessThan(3_000)
    }
    expect(await cache.wrap('new', () => 3)).toBe(3)
  })

  test('takes its time for all keys together, not for one after the other', async () => {
    await using cache = testCache()
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
    await cache.setMany(keys.map((key) => ({ key, value: 1 })))
    const startedAt = performance.now()
    await expect(cache.wrapMany(keys, () => Object.fromEntries(keys.map((key) => [key, 2])), options)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(performance.now() - startedAt).toBeLessThan(3_000)
  })

  test('is bounded as one of a caller that shares the load of another, without a schema', async () => {
    await using cache = testCache()
    const began = new EventTarget()
    const first = cache.wrap('k', async () => new Promise((resolve) => began.addEventListener('go', () => resolve(1))))
    const second = cache.wrap('k', () => 2, options)
    setTimeout(() => began.dispatchEvent(new Event('go')), 10)
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await first).toBe(1)
  })

  test('lets a stale value be served where one may be', async () => {
    await using cache = testCache()
    let isEndless = false
    const schema = standard((value) => (isEndless && value === 'new' ? new Promise(() => {}) : { value }))
    const stale = { schema, ttl: 1_000, staleIfError: 60_000, loaderTimeout: { hard: 60 } }
    await cache.wrap('k', () => 'old', stale)
    cache.clock.advance(1_500)
    isEndless = true
    expect(await cache.wrapped('k', () => 'new', stale)).toMatchObject({ value: 'old', status: 'stale', reason: 'loader' })
  })
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('boom')
    },
  ],
  ['rejects', () => Promise.reject(new Error('boom'))],
  ['gives nothing', () => null],
  ['comes to nothing', async () => undefined],
])('a schema that %s lets no stored value pass, and rejects a loaded one', async (_name, validate) => {
  await using cache = testCache()
  await cache.set('k', 1)
  for (const key of ['k', 'new']) {
    await expect(cache.wrap(key, () => 2, { schema: standard(validate) })).rejects.toThrow(/boom|^schema: /)
    await expect(cache.wrapMany([key], () => ({ [key]: 2 }), { schema: standard(validate) })).rejects.toThrow(/boom|^schema: /)
  }
})

/** A schema that does what a caller without types could write. */
function standard(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as StandardSchema['~standard']['validate'] } }
}
