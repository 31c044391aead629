import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const EDGE = fileURLToPath(new URL('../edge.ts', import.meta.url))

/** Bundles a Worker (workers/edge.ts) as wrangler does, in a fraction of its time. @returns the module's text */
export async function bundleWorker(entry: string = EDGE): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    conditions: ['workerd', 'worker', 'import'],
    external: ['cloudflare:*'],
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
