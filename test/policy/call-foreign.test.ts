import { createCache, type CacheEvent } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callForeign } from '../../src/policy/call-foreign.ts'

const unhandled: unknown[] = []
const remember = (error: unknown): void => void unhandled.push(error)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(async () => {
  await new Promise(setImmediate)
  process.off('unhandledRejection', remember)
  expect(unhandled.splice(0)).toEqual([])
})

const failing: readonly (readonly [name: string, call: () => unknown])[] = [
  ['is async and rejects', async () => Promise.reject(new Error('theirs'))],
  ['gives a thenable that rejects', () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('theirs')) })],
  [
    'gives a thing whose then throws',
    () => ({
      get then() {
        throw new Error('theirs')
      },
    }),
  ],
  [
    'throws',
    () => {
      throw new Error('theirs')
    },
  ],
]

test.each(failing)('a function that %s has no effect', (name, call) => {
  expect(callForeign(call)).toBe(name !== 'throws')
})

test.each(failing)('an onEvent that %s does not touch the answer', async (_, call) => {
  const seen: string[] = []
  const onEvent = (event: CacheEvent): void => {
    seen.push(event.type)
    return call() as void
  }
  const cache = createCache({ url: 'memory:', onEvent })
  expect(await cache.set('k', 1)).toBe(true)
  expect(await cache.get('k')).toBe(1)
  expect(seen).toEqual(['connect', 'connected', 'write', 'hit'])
})

test.each(failing)('a waitUntil that %s does not touch the answer', async (_, call) => {
  const invocation = createCache({ url: 'memory:' }).invocation({ waitUntil: () => call() as void })
  expect(await invocation.set('k', 1)).toBe(true)
  await invocation.close()
})

test.each(failing)('a listener of a Keyv store that %s does not touch the others', async (_, call) => {
  const store = new KeyvFastmiss('memory:')
  let told = 0
  store.on('error', () => call() as void)
  store.on('error', () => (told += 1))
  expect(store.emit('error', new Error('ours'))).toBe(true)
  expect(told).toBe(1)
})

test('a serializer that is async and rejects stores nothing, and finds nothing', async () => {
  const reject = async (): Promise<never> => Promise.reject(new Error('theirs'))
  const writing = createCache({ url: 'memory:', serializer: { stringify: reject as unknown as () => string, parse: JSON.parse } })
  expect(await writing.set('k', 1)).toBe(false)
  const reading = createCache({ url: 'memory:', serializer: { stringify: JSON.stringify, parse: reject } })
  expect(await reading.set('k', 1)).toBe(true)
  expect(await reading.lookup('k')).toMatchObject({ status: 'degraded', reason: 'decode' })
})
