import { fileURLToPath } from 'node:url'
import { startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

test('in workerd a Keyv at module scope serves many requests over REST, without a byte of node-redis', { timeout: 60_000 }, async () => {
  await using upstash = await startUpstash()
  const contents = await bundleWorker(fileURLToPath(new URL('support/edge-worker.ts', import.meta.url)))
  expect(contents).not.toContain('@redis/client/')
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents }],
    bindings: upstash.env,
  })
  try {
    const visit = async (path: string): Promise<unknown> => (await worker.dispatchFetch(`http://localhost${path}`)).json()
    expect(await visit('/a')).toEqual({ seen: 1, isStored: true, errors: [] })
    expect(await visit('/a')).toEqual({ seen: 2, isStored: true, errors: [] })
    const atOnce = await Promise.all(Array.from({ length: 20 }, (_, index) => visit(`/at-once/${index}`)))
    expect(atOnce).toEqual(Array.from({ length: 20 }, () => ({ seen: 1, isStored: true, errors: [] })))
    upstash.set('500')
    expect(await visit('/a')).toEqual({ seen: 1, isStored: false, errors: ['reply', 'reply'] })
    upstash.set('healthy')
    expect(await visit('/a')).toEqual({ seen: 3, isStored: true, errors: [] })
  } finally {
    await worker.dispose()
  }
})
