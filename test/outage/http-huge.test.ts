import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { nodeRuntime } from './support/node-runtime.ts'
import type { FaultRow } from './support/outage.ts'
import type { Runtime } from './support/runtime.ts'
import { workerdRuntime } from './support/workerd-runtime.ts'

const MEBIBYTE = 1_048_576

/** A gateway that answers with 64 MiB, behind a proxy that counts what is read of them. */
async function startHuge() {
  const redis = await startRedis()
  const gateway = await startUpstash({ redis: redis.url })
  const proxy = await faultProxy({ target: gateway.url })
  return {
    url: proxy.url,
    options: { token: gateway.token },
    break: async () => gateway.set('huge', { bytes: 64 * MEBIBYTE }),
    cure: async () => gateway.set('healthy'),
    get attempts() {
      return gateway.requests
    },
    get open() {
      return proxy.counters.open
    },
    raw: () => Promise.reject(new Error('nobody asks')),
    /** Bytes of answers that went through. */
    read: () => proxy.events.reduce((sum, event) => sum + (event.type === 'reply' ? event.bytes : 0), 0),
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await gateway.stop()
      await redis.stop()
    },
  }
}

const RUNTIMES: readonly (readonly [string, () => Runtime & Partial<AsyncDisposable>])[] = [
  ['Node', () => nodeRuntime('Node', {}, true)],
  ['workerd', () => workerdRuntime('workerd')],
]

test.each(RUNTIMES)('an answer of 64 MiB is cut off at the limit in %s, and the next operation is served', { timeout: 60_000 }, async (_, make) => {
  const runtime = make()
  await using outage = await startHuge()
  const row: FaultRow = {
    name: 'huge',
    onset: 'cold',
    timeout: 10_000,
    start: () => Promise.resolve(outage),
    expected: { read: ['oversize'], write: false, isRemembered: false },
  }
  try {
    await outage.break()
    await using stage = await runtime.start(row, outage, () => Promise.resolve({ open: outage.open }))
    const { answers, said } = await stage.step('first')
    expect(answers).toMatchObject([{ status: 'degraded', reason: 'oversize' }])
    expect(said.join()).not.toContain('xxxx')
    expect(outage.attempts).toBe(1)
    await expect.poll(() => outage.open).toBe(0)
    // The limit is 16 MiB; what is under way when it is reached comes on top.
    expect(outage.read()).toBeGreaterThan(16 * MEBIBYTE)
    expect(outage.read()).toBeLessThan(32 * MEBIBYTE)

    await outage.cure()
    const [next] = (await stage.step('second')).answers
    expect(next).toMatchObject({ status: 'miss' })
  } finally {
    await runtime[Symbol.asyncDispose]?.()
  }
})
