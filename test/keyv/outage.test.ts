import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import Keyv from 'keyv'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { GATEWAY_FAULTS } from '../../src/testing/upstash/fault.ts'
import { FAULTS } from './support/faults.ts'

/** Long enough for what has to work before the outage, on a busy machine. */
const TIMEOUT = 500
/** What a busy machine may add to a timeout. */
const SLACK = 1_000

async function behindProxy() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  return {
    proxy,
    url: proxy.url,
    [Symbol.asyncDispose]: async () => {
      await proxy.stop()
      await redis.stop()
    },
  }
}

describe.each(['from the start', 'after it has worked'] as const)('an outage %s', (since) => {
  test.each(FAULTS)(
    '%s %j: get gives undefined and set false within the timeout, with one error event each, and no loop',
    { timeout: 20_000 },
    async (fault, dose) => {
      await using given = await behindProxy()
      const keyv = createKeyv(given.url, { timeout: TIMEOUT, namespace: 'app', cooldown: 60_000, maxCooldown: 60_000 })
      const errors: unknown[] = []
      keyv.on('error', (error) => errors.push(error))
      if (since === 'after it has worked') expect(await keyv.set('k', 1)).toBe(true)
      await given.proxy.set(fault, dose)
      // The driver's import is CPU time of this process, which no timeout covers.
      await keyv.get('warm up')
      expect(errors).toHaveLength(1)
      errors.length = 0
      const operations = [
        async () => expect(await keyv.get('k')).toBeUndefined(),
        async () => expect(await keyv.set('k', 1)).toBe(false),
        async () => expect(await keyv.setMany(['a', 'b'].map((key) => ({ key, value: 1 })))).toEqual([false, false]),
        async () => expect(await keyv.getMany(['a', 'b'])).toEqual([undefined, undefined]),
        async () => expect(await keyv.has('k')).toBe(false),
        async () => expect(await keyv.hasMany(['a', 'b'])).toEqual([false, false]),
        async () => expect(await keyv.delete('k')).toBe(false),
        async () => expect(await keyv.deleteMany(['a', 'b'])).toEqual([false, false]),
        async () => expect(await keyv.clear()).toBeUndefined(),
        async () => {
          for await (const entry of keyv.iterator()) throw new Error(`expected nothing, got ${String(entry)}`)
        },
      ]
      for (const [index, operation] of operations.entries()) {
        const startedAt = performance.now()
        await operation()
        expect(performance.now() - startedAt).toBeLessThan(TIMEOUT + SLACK)
        expect(errors).toHaveLength(index + 1)
      }
      expect(errors.every((error) => error instanceof Error && error.name === 'CacheError')).toBe(true)
      // One attempt in all; one more where the connection kept from before had turned out dead.
      expect(given.proxy.counters.connections).toBeLessThanOrEqual(since === 'from the start' ? 1 : 2)
      await given.proxy.until(({ open }) => open === 0)
    },
  )
})

/** A pooled connection that dies is no outage: it is asked again. */
const OUTAGES = GATEWAY_FAULTS.filter((fault) => fault !== 'healthy' && fault !== 'resetPooled')

test.each(OUTAGES)('over Upstash, %s: a miss and a refused write within the timeout, and no loop', async (fault) => {
  await using upstash = await startUpstash()
  const keyv = createKeyv({ url: upstash.url, token: upstash.token, timeout: TIMEOUT, cooldown: 60_000, maxCooldown: 60_000 })
  expect(await keyv.set('k', 1)).toBe(true)
  upstash.set(fault)
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  const before = upstash.requests
  const startedAt = performance.now()
  expect(await keyv.get('k')).toBeUndefined()
  expect(await keyv.set('k', 'secret value')).toBe(false)
  expect(await keyv.getMany(['k', 'l'])).toEqual([undefined, undefined])
  // An answer of that length is made by this very process, which takes its time.
  expect(performance.now() - startedAt).toBeLessThan(3 * TIMEOUT + (fault === 'huge' ? 10 : 1) * SLACK)
  expect(errors).toHaveLength(3)
  expect(JSON.stringify(errors.map((error) => [String(error), error]))).not.toContain('secret')
  // A connection that is reset may have been a pooled one, so a fresh one decides; an answer that is too long says nothing of the next.
  expect(upstash.requests - before).toBeLessThanOrEqual(fault === 'huge' ? 3 : fault === 'reset' ? 2 : 1)
})

test.each<readonly [reason: string, code: string, commands: readonly string[][]]>([
  ['no memory is left', 'reply', [['CONFIG', 'SET', 'maxmemory', '1']]],
  ['it is a replica', 'reply', [['REPLICAOF', '127.0.0.1', '1']]],
  ['the user may not write', 'auth', [['ACL', 'SETUSER', 'default', '-set', '-del', '-unlink']]],
])('a Redis that answers but refuses to write, since %s: set gives false, get goes on', async (_reason, code, commands) => {
  await using redis = await startRedis()
  const admin = await createClient({ url: redis.url }).connect()
  const keyv = createKeyv(redis.url, { timeout: 2_000 })
  expect(await keyv.set('k', 1)).toBe(true)
  for (const command of commands) await admin.sendCommand(command)
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  expect(await keyv.set('k', 2)).toBe(false)
  expect(
    await keyv.setMany([
      { key: 'k', value: 3 },
      { key: 'l', value: 3 },
    ]),
  ).toEqual([false, false])
  expect(errors).toMatchObject([{ code }, { code }])
  expect(await keyv.get('k')).toBe(1)
  expect(errors).toHaveLength(2)
  admin.destroy()
})

test('without a listener a failure is a miss, not a crash; a listener that throws changes nothing', async () => {
  await using given = await behindProxy()
  await given.proxy.set('refuse')
  const keyv = createKeyv(given.url, { timeout: TIMEOUT })
  expect(await keyv.get('k')).toBeUndefined()
  expect(await keyv.set('k', 1)).toBe(false)
  expect(await keyv.clear()).toBeUndefined()
  keyv.on('error', () => {
    throw new Error('from the listener')
  })
  expect(await keyv.get('k')).toBeUndefined()
  expect(await keyv.getMany(['a'])).toEqual([undefined])
})

test('two hundred failed gets leave one listener, few connections and none open', async () => {
  await using given = await behindProxy()
  await given.proxy.set('reset')
  const store = new KeyvFastmiss(given.url, { timeout: TIMEOUT, cooldown: 60_000, maxCooldown: 60_000 })
  const keyv = new Keyv({ store })
  let failures = 0
  keyv.on('error', () => (failures += 1))
  for (let index = 0; index < 200; index += 1) expect(await keyv.get('k')).toBeUndefined()
  expect(failures).toBe(200)
  expect(store.listenerCount('error')).toBe(1)
  expect(given.proxy.counters.connections).toBeLessThanOrEqual(2)
  await given.proxy.until(({ open }) => open === 0)
})

test('once Redis is back, the next get is a hit', async () => {
  await using given = await behindProxy()
  const keyv = createKeyv(given.url, { timeout: 2_000, cooldown: 0, maxCooldown: 0 })
  expect(await keyv.set('k', 1)).toBe(true)
  await given.proxy.set('refuse')
  expect(await keyv.get('k')).toBeUndefined()
  await given.proxy.set('healthy')
  expect(await keyv.get('k')).toBe(1)
})

test('a hundred operations one after the other are one connection, and disconnect ends it', async () => {
  await using given = await behindProxy()
  const keyv = createKeyv(given.url, { timeout: 2_000 })
  for (let index = 0; index < 50; index += 1) {
    await keyv.set('k', index)
    // More than a turn between them, so that the connection must have been kept.
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(await keyv.get('k')).toBe(index)
  }
  expect(given.proxy.counters.connections).toBe(1)
  await keyv.disconnect()
  await given.proxy.until(({ open }) => open === 0)
  expect(await keyv.get('k')).toBe(49)
  await keyv.disconnect()
})
