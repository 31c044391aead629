import { Miniflare } from 'miniflare'

/**
 * workers/edge.ts in real workerd, on a free port of loopback.
 *
 * @param env the Worker's variables
 * @param script the bundled Worker
 */
export function startEdgeWorker(env: Readonly<Record<string, string>>, script: string): Miniflare {
  return new Miniflare({
    host: '127.0.0.1',
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: script }],
    bindings: { ...env },
  })
}
