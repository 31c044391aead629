import { KeyvFastmiss } from 'fastmiss/keyv'
import { createCache } from 'fastmiss'
import Keyv from 'keyv'
import { expect, test } from 'vitest'

/**
 * keyv #1750: a store for `redis://invalid-host:6379` fails in silence, with not even an `error` event; set looks like a success,
 * and an application that must not start without Redis cannot find out.
 */
const URL = 'redis://host.invalid:6379'

test('keyv #1750: a host that does not exist is told by an error event and by the answer of set', async () => {
  const store = new KeyvFastmiss(URL, { timeout: 2_000 })
  const keyv = new Keyv({ store })
  const ofStore: unknown[] = []
  const ofKeyv: unknown[] = []
  store.on('error', (error) => ofStore.push(error))
  keyv.on('error', (error) => ofKeyv.push(error))
  expect(await keyv.get('k')).toBeUndefined()
  expect(await keyv.set('k', 1)).toBe(false)
  expect(ofStore).toMatchObject([{ code: 'unreachable' }, { code: 'cooldown' }])
  expect(ofKeyv).toEqual(ofStore)
})

test('keyv #1750: an application can refuse to start without Redis', async () => {
  const cache = createCache({ url: URL, timeout: 2_000 })
  const keyv = new Keyv({ store: new KeyvFastmiss(cache) })
  expect(await cache.health()).toMatchObject({ status: 'degraded', transport: 'tcp', reason: 'unreachable' })
  expect(await keyv.get('k')).toBeUndefined()
})
