import type { Readable } from 'node:stream'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

/** The answer of workers/edge.ts, in workerd, to a lookup at a Redis. */
async function lookupAt(url: string): Promise<unknown> {
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    // What the runtime logs about a failed name is no failure of the test.
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => void [stdout.resume(), stderr.resume()],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await bundleWorker() }],
    bindings: { REDIS_URL: url },
  })
  try {
    return await (await worker.dispatchFetch('http://localhost/lookup/key')).json()
  } finally {
    await worker.dispose()
  }
}

test('in workerd a refused connection is unreachable, not a wrong protocol', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('refuse')
  expect(await lookupAt(proxy.url)).toMatchObject({ status: 'degraded', reason: 'unreachable' })
})

test('in workerd a host that does not exist is unreachable', { timeout: 30_000 }, async () => {
  expect(await lookupAt('redis://no-such-host.invalid:6379')).toMatchObject({
    status: 'degraded',
    reason: expect.stringMatching(/^(unreachable|timeout)$/),
  })
})
