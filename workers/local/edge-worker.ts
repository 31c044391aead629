import { Miniflare } from 'miniflare'
import { bundleWorker } from './bundle.ts'

/**
 * workers/edge.ts in real workerd, on a free port of loopback.
 *
 * @param env the Worker's variables
 * @param script the bundled Worker. Default: bundled now
 */
export async function startEdgeWorker(env: Readonly<Record<string, string>>, script: string | Promise<string> = bundleWorker()): Promise<Miniflare> {
  return new Miniflare({
    host: '127.0.0.1',
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await script }],
    bindings: { ...env },
  })
}
