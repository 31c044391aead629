import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
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
