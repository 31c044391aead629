import { startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { tcp } from '../../src/tcp.ts'
import { CacheError } from '../../src/errors.ts'
import { createCache } from '../../src/index.ts'
import { internalsOf } from '../../src/facade/internals.ts'
import { createKeys } from '../../src/entry/keys.ts'
import { type Clear, createClear } from '../../src/store/clear.ts'
import { scanPages } from '../../src/store/scan.ts'
import type { KeyRange, Store } from '../../src/store/store.ts'
import { memory } from '../../src/transport/memory/memory.ts'
import type { Command, Transport } from '../../src/transport/transport.ts'
import type { CacheOptions } from '../../src/facade/types.ts'

/** A server, a plain client to look with, and the walks over one namespace of it. */
async function started(namespace: string | undefined, options: CacheOptions = {}) {
  const redis = await startRedis({ args: ['--enable-debug-command', 'local'] })
  const plain = await createClient({ url: redis.url }).connect()
  const { session, store } = internalsOf(createCache({ url: redis.url, timeout: 5_000, ...options }))
  const range: KeyRange = createKeys(namespace)
  return {
    url: redis.url,
    plain,
    session,
    store,
    range,
    clear: createClear({ session, store, range, spansSlots: false, timeout: 5_000, now: Date.now }),
    [Symbol.asyncDispose]: async () => {
      plain.destroy()
      await redis.stop()
    },
  }
}

test('a clear removes one namespace and leaves those that contain it, or that its name would match as a pattern', async () => {
  for (const namespace of ['app', 'a?p', 'a*', 'a[a-p]p', 'back\\slash', 'app]', '^app']) {
    await using given = await started(namespace)
    const others = ['app2::k', 'my-app::k', 'app:k', 'appp::k', 'a?pp::k', 'backslash::k', 'aap::k', 'plain', 'app::', `x${namespace}::k`]
    const kept = others.filter((key) => !key.startsWith(`${namespace}::`)).sort()
    for (const key of others) await given.plain.set(key, 'x')
    await given.plain.mSet([`${namespace}::a`, '1', `${namespace}::b*`, '2', `${namespace}::`, '3'])
    expect(await given.clear(5_000)).toBe(true)
    expect((await given.plain.keys('*')).sort()).toEqual(kept)
  }
})

test('without a namespace, keys of namespaces, reserved keys and other types are left alone', async () => {
  await using given = await started(undefined)
  await given.plain.mSet(['a', '1', 'b:c', '2', 'app::a', '3', ':!fm:tag:x', '4', 'app:!fm:http:x', '5'])
  await given.plain.lPush('queue', 'job')
  expect(await given.clear(5_000)).toBe(true)
  expect((await given.plain.keys('*')).sort()).toEqual([':!fm:tag:x', 'app:!fm:http:x', 'app::a', 'queue'])
})

test('a clear that runs into its bound says so, and the next calls go on from there', async () => {
  await using given = await started('app')
  await given.plain.sendCommand(['DEBUG', 'POPULATE', '100000', 'app:'])
  await given.plain.sendCommand(['DEBUG', 'POPULATE', '1000', 'other:'])
  const scans: unknown[] = []
  const clear: Clear = createClear({
    session: given.session,
    store: walking(
      (changes) => given.store.write(changes, 'entry'),
      (cursor) => {
        scans.push(cursor)
        return given.store.walk(given.range, cursor)
      },
    ),
    range: given.range,
    spansSlots: false,
    timeout: 5_000,
    now: Date.now,
  })
  expect(await given.plain.dbSize()).toBe(101_000)
  expect(await clear(20)).toBe(false)
  expect(await given.plain.dbSize()).toBeGreaterThan(1_000)
  let calls = 1
  for (; calls < 1_000; calls += 1) if ((await clear(200)) === true) break
  expect(calls).toBeLessThan(1_000)
  expect(await given.plain.dbSize()).toBe(1_000)
  // A page whose deletion got no answer is looked at again; no call but the last, which must see all, went back to the start.
  const third = [...new Set(scans)][2]
  expect(scans.slice(scans.indexOf(third)).filter((cursor) => cursor === undefined).length).toBeLessThanOrEqual(2)
})

test('what is written behind the back of an unfinished clear is gone once a call says true', async () => {
  await using given = await started('app')
  await given.plain.sendCommand(['DEBUG', 'POPULATE', '20000', 'app:'])
  let isTrue = false
  for (let round = 0; round < 200 && !isTrue; round += 1) {
    // Everywhere, so also in the part that an earlier call has walked.
    await given.plain.mSet(Array.from({ length: 64 }, (_, index): [string, string] => [`app::late${round}:${index}`, 'x']))
    isTrue = (await given.clear(round < 3 ? 15 : 5_000)) === true
  }
  expect(isTrue).toBe(true)
  expect(await given.plain.dbSize()).toBe(0)
})

test("the versions of the namespace's own tags are gone with the entries, and nobody else's", async () => {
  for (const namespace of ['app', undefined]) {
    await using redis = await startRedis()
    const plain = await createClient({ url: redis.url }).connect()
    const cache = createCache({ url: redis.url, timeout: 5_000, ...(namespace === undefined ? {} : { namespace }) })
    await using invocation = cache.invocation()
    expect(await invocation.set('k', 1, { tags: ['t'] })).toBe(true)
    expect(await invocation.invalidateTags(['other'])).toBe(true)
    const others = ['app2:!fm:tag:t', 'x:!fm:tag:t', 'app:!fm:http:x', 'app:other::k', 'my::k']
    for (const key of others) await plain.set(key, 'theirs')
    expect(await invocation.clear()).toBe(true)
    expect((await plain.keys('*')).sort()).toEqual(others.sort())
    // What this invocation had seen of the versions holds no longer.
    expect(await invocation.set('k', 2, { tags: ['t'] })).toBe(true)
    expect(await cache.get('k')).toBe(2)
    plain.destroy()
  }
})

test('a Redis before 6, whose SCAN knows no TYPE, is cleared and walked; that is found out once', async () => {
  await using given = await started('app')
  await given.plain.mSet(Array.from({ length: 2_500 }, (_, index): [string, string] => [`app::${index}`, 'x']))
  await given.plain.lPush('app::queue', 'job')
  const commands: Command[] = []
  const cache = createCache({ transport: before6(tcp(given.url), commands), namespace: 'app', timeout: 5_000 })
  const keys = new Set<string>()
  for await (const page of scanPages(internalsOf(cache), given.range)) if (!(page instanceof CacheError)) for (const key of page.keys) keys.add(key)
  expect([keys.size, keys.has('app::queue')]).toEqual([2_500, false])
  expect(await cache.clear()).toBe(true)
  expect(await given.plain.keys('*')).toEqual(['app::queue'])
  expect(commands.filter((command) => command.includes('TYPE') && command[0] === 'SCAN')).toHaveLength(1)
})

test('a clear that was left unfinished for long begins again', async () => {
  let at = 1_000
  const asked: (string | undefined)[] = []
  const clear = createClear({
    session: internalsOf(createCache({ url: 'memory:' })).session,
    store: walking(
      async (changes) => changes.map(() => true),
      async (cursor) => {
        at += 60
        asked.push(cursor)
        return { next: String(Number(cursor ?? 0) + 1), keys: ['k'] }
      },
    ),
    range: createKeys(undefined),
    spansSlots: false,
    timeout: 100,
    now: () => at,
  })
  expect(await clear(100)).toBe(false)
  expect(asked).toEqual([undefined, '1'])
  asked.length = 0
  expect(await clear(50)).toBe(false)
  expect(asked[0]).toBe('1')
  at += 120_000
  asked.length = 0
  expect(await clear(50)).toBe(false)
  expect(asked[0]).toBeUndefined()
})

test('a clear that Redis refuses says why, and never asks for KEYS or FLUSHDB', async () => {
  await using given = await started('app')
  await given.plain.mSet(['app::a', '1', 'app::b', '2'])
  await given.plain.configResetStat()
  await given.plain.replicaOf('127.0.0.1', 1)
  const refused = await given.clear(1_000)
  expect(refused).toMatchObject({ code: 'reply', cause: { code: 'READONLY' } })
  await given.plain.sendCommand(['REPLICAOF', 'NO', 'ONE'])
  expect(await given.clear(1_000)).toBe(true)
  expect(await given.plain.info('commandstats')).not.toMatch(/cmdstat_(keys|flushdb|flushall)/)
  expect(await given.plain.dbSize()).toBe(0)
})

test('one command names many keys where the transport allows it, one key where it does not', async () => {
  for (const spansSlots of [true, false]) {
    const commands: Command[] = []
    const cache = createCache({ transport: recording(commands), namespace: 'app' })
    const { session, store } = internalsOf(cache)
    await cache.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ])
    expect(await createClear({ session, store, range: createKeys('app'), spansSlots, timeout: 250, now: Date.now })(1_000)).toBe(true)
    expect(commands.filter(([name]) => name === 'UNLINK').map((command) => command.length)).toEqual(spansSlots ? [3] : [2, 2])
  }
})

test('a walk sees all keys of its range, a page at a time, and ends with what went wrong', async () => {
  await using given = await started('app')
  await given.plain.sendCommand(['DEBUG', 'POPULATE', '2500', 'app:'])
  await given.plain.set('app2::k', 'x')
  const keys = new Set<string>()
  let pages = 0
  for await (const page of scanPages(given, given.range)) {
    if (page instanceof CacheError) throw page
    pages += 1
    for (const key of page.keys) keys.add(key)
  }
  // DEBUG POPULATE writes `app::0` and so on.
  expect(keys.size).toBe(2_500)
  expect(pages).toBeGreaterThan(1)

  const unreachable = internalsOf(createCache({ url: 'redis://127.0.0.1:1' }))
  const seen: unknown[] = []
  for await (const page of scanPages(unreachable, given.range)) seen.push(page)
  expect(seen).toMatchObject([{ code: 'unreachable' }])
})

/** A store for a clear, which writes and walks and does nothing else. */
function walking(
  write: (changes: Parameters<Store['write']>[0]) => ReturnType<Store['write']>,
  walk: (cursor: string | undefined) => ReturnType<Store['walk']>,
): Store {
  const unused = () => Promise.reject(new Error('A clear does not read'))
  return { read: unused, readMany: unused, take: unused, write, walk: (_range, cursor) => walk(cursor) }
}

/** SCAN with TYPE is answered with the error of a server that does not know it. */
function before6(transport: Transport, commands: Command[]): Transport {
  return {
    ...transport,
    open() {
      const connection = transport.open()
      return {
        send(sent, deadlineAt) {
          commands.push(...sent)
          return connection.send(
            sent.map((command) => (command[0] === 'SCAN' && command.includes('TYPE') ? ['SCAN', '0', 'UNKNOWN', 'x'] : command)),
            deadlineAt,
          )
        },
        get isUsable() {
          return connection.isUsable
        },
        close: () => connection.close(),
      }
    },
  }
}

function recording(commands: Command[]): Transport {
  const real = memory()
  return {
    ...real,
    open() {
      const connection = real.open()
      return {
        ...connection,
        send: (sent, deadlineAt) => {
          commands.push(...sent)
          return connection.send(sent, deadlineAt)
        },
      }
    },
  }
}
