import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createKeyspace } from '../../src/testing/embedded/keyspace.ts'
import { rawRedis } from './support/raw-redis.ts'

const MEBIBYTE = 1_048_576
/** The bound, MiB. */
const BOUND = 16

/** The server in a process of its own, since what a test holds does not count. Asked, it tells what it holds after a collection. */
const PROGRAM = `
  import { startRedis } from '${new URL('../../src/testing/index.ts', import.meta.url).href}'
  const redis = await startRedis({ binary: 'embedded', args: ['--maxmemory', '${BOUND}mb', '--maxmemory-policy', 'allkeys-lru'] })
  process.on('message', async () => {
    // What the first one frees is counted off a moment later.
    gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
    gc()
    const { heapUsed, external } = process.memoryUsage()
    process.send(heapUsed + external)
  })
  process.send(redis.port)`

async function startServer() {
  const child = spawn(process.execPath, ['--no-warnings', '--expose-gc', '--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [port] = (await once(child, 'message')) as [number]
  return {
    port,
    async heldBytes(): Promise<number> {
      child.send('tell')
      const [bytes] = (await once(child, 'message')) as [number]
      return bytes
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** Some above and some below the size from which Node keeps a string outside of its heap; each three times the bound. */
const SIZES = [MEBIBYTE, 65_536, 1_024]

test('values that were evicted are not held: the memory stays near its bound', { timeout: 60_000 }, async () => {
  await using server = await startServer()
  using raw = await rawRedis(server.port)
  const before = await server.heldBytes()
  for (const size of SIZES) {
    await raw.ask(['FLUSHALL'])
    const value = 'v'.repeat(size)
    for (let written = 0; written < 3 * BOUND * MEBIBYTE; written += MEBIBYTE) {
      await raw.ask(...Array.from({ length: MEBIBYTE / size }, (_, index) => ['SET', `key-${written + index}`, value]))
    }
    // It did keep what fits.
    const keys = Number(/^:(\d+)/.exec(await raw.ask(['DBSIZE']))?.[1])
    expect([size, keys * size]).toEqual([size, expect.toSatisfy((bytes: number) => bytes > 0.85 * BOUND * MEBIBYTE)])
    const held = (await server.heldBytes()) - before
    expect([size, held]).toEqual([size, expect.toSatisfy((bytes: number) => bytes < 1.5 * BOUND * MEBIBYTE)])
  }
})

function emptyKeyspace() {
  const ledger = { usedBytes: 0, ticks: 0, hits: 0, misses: 0, expired: 0, evicted: 0 }
  return { ledger, keys: createKeyspace(ledger, () => 0) }
}

test('a key that is used again and again is found as fast as any other, however many there are', () => {
  const { keys } = emptyKeyspace()
  for (let index = 0; index < 140_000; index += 1) keys.put(`key-${index}`, 'v', Infinity)
  const startedAt = performance.now()
  for (let use = 0; use < 60_000; use += 1) keys.read('key-7')
  // Some 10 ms here; seconds, where each use makes the next one longer.
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

test('what was not used for the longest time is the first to go, whatever was used, removed or evicted between', () => {
  const { keys, ledger } = emptyKeyspace()
  const oldest = () => keys.oldest()?.key
  for (const key of 'abcdef') keys.put(key, 'v', Infinity)
  keys.read('a')
  keys.put('c', 'w', Infinity)
  expect(oldest()).toBe('b')
  keys.remove('b')
  keys.remove('e')
  expect(oldest()).toBe('d')
  const entry = keys.oldest()
  if (entry !== undefined) keys.evict(entry)
  keys.read('f')
  keys.read('f')
  expect(oldest()).toBe('a')
  keys.remove('a')
  keys.remove('f')
  expect(oldest()).toBe('c')
  keys.clear()
  expect([oldest(), ledger.usedBytes]).toEqual([undefined, 0])
  keys.put('g', 'v', Infinity)
  expect(oldest()).toBe('g')
})
