import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { expect, test } from 'vitest'

/** Everything of the tier. The bounded map is not: the transport `memory:` is made of it as well. */
const TIER = /src\/(store\/copies\/\w[\w-]*|options\/memory)\.ts$/
/** What is called of it where nobody asked for copies. */
const STUB = `
  export const resolveMemory = () => undefined
  export const createCopies = () => {}
  export const createCopyingStore = () => {}
  export const isSilence = () => false
  export const sourceOf = () => ({ from: 'redis' })`

const withoutTier: Plugin = {
  name: 'without-tier',
  setup({ onLoad }) {
    onLoad({ filter: TIER }, () => ({ contents: STUB }))
  },
}

/** Bytes of a Worker that makes a cache, as it is sent to Cloudflare. */
async function sizeOf(plugins: Plugin[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: "export { createCache } from './src/index.workerd.ts'", resolveDir: process.cwd() },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2023',
    conditions: ['workerd', 'worker', 'import'],
    plugins,
  })
  return gzipSync(outputFiles?.[0]?.contents ?? '').byteLength
}

test('a Worker that does not name memory pays at most 2.4 kB for it, minified and compressed', async () => {
  const [whole, without] = await Promise.all([sizeOf([]), sizeOf([withoutTier])])
  expect(whole - without).toBeGreaterThan(500)
  expect(whole - without).toBeLessThanOrEqual(2_400)
})
