import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

const talker = fileURLToPath(new URL('support/talker.ts', import.meta.url))

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

test(
  'in workerd many round trips over one connection leave no timer and no listener behind, of which the runtime would warn',
  { timeout: 30_000 },
  async () => {
    await using redis = await startRedis()
    let said = ''
    const listen = (stream: Readable): void => void stream.on('data', (piece) => (said += String(piece)))
    const worker = new Miniflare({
      compatibilityDate: '2026-07-30',
      compatibilityFlags: ['nodejs_compat'],
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) => void [listen(stdout), listen(stderr)],
      modules: [{ type: 'ESModule', path: 'talker.js', contents: await bundleWorker(talker) }],
      bindings: { REDIS_URL: redis.url },
    })
    try {
      expect(await (await worker.dispatchFetch('http://localhost/')).text()).toBe('40 hits')
    } finally {
      await worker.dispose()
    }
    expect(said).not.toContain('leak')
  },
)
