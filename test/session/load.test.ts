import { createCache, type Transport } from 'fastmiss'
import { expect, test } from 'vitest'
import { memory } from '../../src/transport/memory/memory.ts'

/** A transport that can be loaded from the third time on. */
function slowToLoad(fail: () => Promise<void>): Transport & { readonly loads: () => number } {
  let loads = 0
  const load = (): Promise<void> => {
    loads += 1
    return loads < 3 ? fail() : Promise.resolve()
  }
  return { ...memory(), load, loads: () => loads }
}

test.each([
  ['rejects', () => Promise.reject(new Error('planted value'))],
  [
    'throws',
    () => {
      throw new Error('planted value')
    },
  ],
] as const)("where a transport's load %s, operations are degraded, and the next one loads again", async (_, fail) => {
  const transport = slowToLoad(fail)
  const cache = createCache({ transport })
  await new Promise(setImmediate)
  expect(transport.loads()).toBe(1)

  const answer = await cache.lookup('k')
  expect(answer).toMatchObject({ status: 'degraded', reason: 'driver', error: { cause: { name: 'Error' } } })
  expect(JSON.stringify(answer)).not.toContain('planted')
  expect(transport.loads()).toBe(2)

  expect(await cache.set('k', 1)).toBe(true)
  expect(await cache.get('k')).toBe(1)
  expect(transport.loads()).toBe(3)
})

test('preload does not reject', async () => {
  const transport = slowToLoad(() => Promise.reject(new Error('no driver')))
  const cache = createCache({ transport })
  expect(await cache.preload()).toMatchObject({ code: 'driver' })
  expect(await cache.get('k')).toBeUndefined()
  expect(await cache.preload()).toBeUndefined()
  expect(transport.loads()).toBe(3)
  expect(await cache.set('k', 1)).toBe(true)
})
