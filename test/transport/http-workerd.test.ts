import { startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

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
