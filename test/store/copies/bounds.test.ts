import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { createCopies } from '../../../src/store/copies/copies.ts'

const BYTES = 16_777_216
/** Enough to fill them more than ten times; a million takes a busy machine a minute. */
const KEYS = Number(process.env['HEAP_KEYS'] ?? 200_000)

function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

test('distinct keys of 1 KiB without end, tagged and changed in between, stay below twice the bytes', { timeout: 60_000 }, async () => {
  const copies = createCopies({ ttl: 5_000, entries: 100_000, bytes: BYTES, outage: 3_600_000, share: false }, Date.now)
  const before = heap()
  let largest = 0
  const bytes = Buffer.alloc(1_024, 'x')
  for (let index = 0; index < KEYS; index++) {
    const key = `app::key-${index}`
    bytes.write(String(index))
    // As a driver does it: a text of its own for each reply.
    copies.keep(key, bytes.toString('latin1'), { freshUntil: undefined, until: undefined, on: [`tag-${index % 1_000}`] }, copies.ticket(), Date.now())
    if (index % 10 === 0) copies.end(key, copies.begin(key))
    if (index % 50_000 === 49_999) largest = Math.max(largest, heap() - before)
  }
  expect(largest).toBeGreaterThan(BYTES / 2)
  expect(largest).toBeLessThan(2 * BYTES)
})

test('nothing keeps the process alive, in an outage neither', async () => {
  await using redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const program = `
    import { createCache } from 'fastmiss'
    const cache = createCache({ url: ${JSON.stringify(proxy.url)}, memory: true, timeout: 250 })
    await cache.set('k', 1)
    const first = await cache.lookup('k')
    process.stdout.write(first.from)
    process.on('exit', () => process.stderr.write(String(performance.now() - doneAt)))
    const doneAt = performance.now()`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 10_000 })
  expect(stdout).toBe('memory')
  expect(Number(stderr)).toBeLessThan(1_000)
  await proxy.stop()
})
