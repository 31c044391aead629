import { fileURLToPath } from 'node:url'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test, vi } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'
import { onWorkerd } from './support/served.ts'

test.each(['tcp', 'rest'] as const)(
  'in workerd over %s responses are stored, shared between requests and refreshed after the response',
  { timeout: 60_000 },
  async (wire) => {
    await using redis = await startRedis()
    await using upstash = await startUpstash({ redis: redis.url })
    const contents = await bundleWorker(fileURLToPath(new URL('support/response-cache-worker.ts', import.meta.url)))
    const worker = new Miniflare({
      compatibilityDate: '2026-07-30',
      compatibilityFlags: ['nodejs_compat'],
      modules: [{ type: 'ESModule', path: 'edge.js', contents }],
      bindings: wire === 'tcp' ? { REDIS_URL: redis.url } : upstash.env,
    })
    try {
      const visit = async (path: string, headers: Record<string, string> = {}) => {
        const response = await worker.dispatchFetch(`http://a.test${path}`, { headers })
        return { status: response.headers.get('cache-status') ?? '', bytes: new Uint8Array(await response.arrayBuffer()), code: response.status }
      }
      const text = async (path: string, headers?: Record<string, string>) => new TextDecoder().decode((await visit(path, headers)).bytes)
      /** The write goes on after the response. */
      const stored = (path: string, headers?: Record<string, string>) =>
        vi.waitFor(async () => expect((await visit(path, headers)).status).toContain('hit'), { timeout: 5_000 })

      expect((await visit('/page/a')).status).toContain('fwd=uri-miss')
      await stored('/page/a')
      const seen = await text('/page/a')
      const all = await Promise.all(Array.from({ length: 40 }, () => text('/page/a')))
      expect(new Set(all)).toEqual(new Set([seen]))
      expect((await visit('/page/a', { 'accept-language': 'de' })).status).toContain('fwd=vary-miss')
      await stored('/page/a', { 'accept-language': 'de' })
      await visit('/binary')
      await stored('/binary')
      expect((await visit('/binary')).bytes).toEqual(Uint8Array.from({ length: 256 }, (_, index) => index))
      const part = await visit('/binary', { range: 'bytes=250-' })
      expect(part).toMatchObject({ code: 206, bytes: new Uint8Array([250, 251, 252, 253, 254, 255]) })

      expect(await text('/stale/a')).toBe('call 1')
      await stored('/stale/a')
      await vi.waitFor(async () => expect(await text('/stale/a')).not.toBe('call 1'), { timeout: 5_000 })

      if (wire === 'rest') {
        upstash.set('500')
        expect((await visit('/page/a')).status).toContain('detail=reply')
        upstash.set('healthy')
        expect((await visit('/page/a')).status).toContain('hit')
      }
    } finally {
      await worker.dispose()
    }
  },
)

test('in workerd a hit is encoded once, whoever encoded what was stored', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const served = await onWorkerd('response-cache-worker.ts', redis.url)
  try {
    for (const how of ['text', 'binary', 'encoded']) {
      const ask = async () => {
        const response = await fetch(`${served.origin}/gzip/${how}`)
        expect(response.headers.get('content-encoding')).toBe('gzip')
        return { status: response.headers.get('cache-status'), bytes: new Uint8Array(await response.arrayBuffer()) }
      }
      const { bytes } = await ask()
      await vi.waitFor(async () => expect((await ask()).status).toContain('hit'), { timeout: 5_000 })
      expect((await ask()).bytes, how).toEqual(bytes)
    }
  } finally {
    await served.stop()
  }
})

test('in workerd a body keeps its length, stored, hit or passed on, and one that is cut off stays visibly cut off', { timeout: 60_000 }, async () => {
  await using upstash = await startUpstash()
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [
      { type: 'ESModule', path: 'length.js', contents: await bundleWorker(fileURLToPath(new URL('support/length-worker.ts', import.meta.url))) },
    ],
    bindings: upstash.env,
  })
  try {
    const origin = await worker.ready
    for (const path of ['/whole', '/plain']) {
      for (const _ of [1, 2]) {
        const response = await fetch(new URL(path, origin), { headers: { 'accept-encoding': 'identity' } })
        expect(response.headers.get('content-length')).toBe('5000')
        expect((await response.arrayBuffer()).byteLength).toBe(5_000)
      }
    }
    for (const _ of [1, 2]) {
      const asked = fetch(new URL('/cut', origin), { headers: { 'accept-encoding': 'identity' } })
      await expect(asked.then((response) => response.arrayBuffer())).rejects.toThrow()
    }
  } finally {
    await worker.dispose()
  }
})
