import { startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

/** Old dates: before 2024-11-11 fetch throws at the field `cache`, and before 2022 streams lack what is young. */
const OLD_DATES = ['2021-11-03', '2022-06-01', '2023-04-04', '2024-04-19']

test('in workerd a kept connection that died is replaced by one fresh try', { timeout: 30_000 }, async () => {
  await using upstash = await startUpstash()
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await bundleWorker() }],
    bindings: upstash.env,
  })
  try {
    const lookup = async (): Promise<unknown> => (await worker.dispatchFetch('http://localhost/lookup/key')).json()
    expect(await lookup()).toMatchObject({ status: 'miss' })
    const before = upstash.requests
    expect(await lookup()).toMatchObject({ status: 'miss' })
    expect([upstash.requests - before, upstash.connections]).toEqual([1, 1])
    upstash.set('resetPooled')
    expect(await lookup()).toMatchObject({ status: 'miss' })
    expect(upstash.requests - before).toBe(3)

    upstash.set('reset')
    expect(await lookup()).toMatchObject({ status: 'degraded', reason: 'unreachable' })
    expect(upstash.requests - before).toBe(5)
  } finally {
    await worker.dispose()
  }
})

test.each(OLD_DATES)('on the compatibility date %s, without flags, the cache writes and reads', { timeout: 30_000 }, async (compatibilityDate) => {
  await using upstash = await startUpstash()
  const worker = new Miniflare({
    compatibilityDate,
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker('test/transport/support/old-worker.ts') }],
    bindings: upstash.env,
  })
  try {
    const answer = await worker.dispatchFetch('http://localhost/')
    expect(await answer.json()).toEqual({ set: true, got: 'x'.repeat(6_000), wrapped: 7 })
  } finally {
    await worker.dispose()
  }
})
