import { resolve } from 'node:path'
import { startUpstash } from 'fastmiss/testing'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { expect, test, vi } from 'vitest'

test.each([
  ['2021-11-03', false],
  ['2022-11-30', true],
] as const)(
  'with the compatibility date %s a response says that it is stored only where it is: %s',
  { timeout: 60_000 },
  async (compatibilityDate, isStored) => {
    await using upstash = await startUpstash()
    const { outputFiles } = await build({
      entryPoints: [resolve('test/hono/support/length-worker.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      conditions: ['workerd', 'worker', 'browser', 'import'],
      external: ['node:*', 'cloudflare:*'],
      logLevel: 'error',
    })
    const contents = outputFiles[0]?.text ?? ''
    const worker = new Miniflare({ compatibilityDate, modules: [{ type: 'ESModule', path: 'old.js', contents }], bindings: upstash.env })
    try {
      const ask = async (): Promise<string> => {
        const response = await worker.dispatchFetch('http://a.test/whole')
        expect((await response.arrayBuffer()).byteLength).toBe(5_000)
        return response.headers.get('cache-status') ?? ''
      }
      expect((await ask()).includes('stored')).toBe(isStored)
      if (isStored) await vi.waitFor(async () => expect(await ask()).toContain('hit'), { timeout: 5_000 })
      else expect(await ask()).toBe('fastmiss; fwd=uri-miss; fwd-status=200')
    } finally {
      await worker.dispose()
    }
  },
)
