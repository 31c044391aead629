import { expect, test } from 'vitest'
import { createCache, type CacheEvent } from '../../src/index.ts'
import { lazily } from '../../src/transport/lazily.ts'

test('a driver that cannot be loaded is told by preload, by every answer and by health, with the message of the loader and a remedy', async () => {
  const failure = Object.assign(new Error('Dynamic require of "net" is not supported'), { code: 'ERR_MODULE_NOT_FOUND' })
  const transport = lazily({ name: 'tcp', spansSlots: false }, 'some-driver', () => Promise.reject(failure))
  const events: CacheEvent[] = []
  const cache = createCache({ transport, onEvent: (event) => void events.push(event) })
  const told = { code: 'driver', cause: { code: 'ERR_MODULE_NOT_FOUND' } }

  const why = await cache.preload()
  expect(why).toMatchObject(told)
  expect(why?.message).toMatch(/some-driver could not be loaded: Dynamic require of "net" is not supported\. .*bundler/)
  expect(await cache.set('k', 1)).toBe(false)
  for (let call = 0; call < 3; call += 1) expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'driver', error: told })
  expect(await cache.health()).toMatchObject({ status: 'degraded', reason: 'driver', error: told })
  // Nothing was dialled, and waiting will not mend it.
  expect(events.map(({ type }) => type)).toEqual(events.map(() => 'degraded'))
  expect(events[0]).toMatchObject({ operation: 'preload', reason: 'driver' })
})

test('a driver that is there is nothing to tell of', async () => {
  const cache = createCache({ url: 'redis://127.0.0.1:1' })
  expect(await cache.preload()).toBeUndefined()
})
