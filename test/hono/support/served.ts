import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Miniflare } from 'miniflare'
import { bundleWorker } from '../../../workers/local/bundle.ts'
import { serveLocally } from '../../../workers/local/serve.ts'

/** An app of this folder behind a real server. */
export interface Served {
  readonly origin: string
  stop(): Promise<unknown>
}

/** @param file of this folder; its default export is the app, which reads `REDIS_URL` of its environment */
export async function onWorkerd(file: string, url: string): Promise<Served> {
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker(resolve('test/hono/support', file)) }],
    bindings: { REDIS_URL: url },
  })
  return { origin: (await worker.ready).origin, stop: () => worker.dispose() }
}

/** @param app made for this server alone */
export async function onNode(
  app: { fetch(request: Request, env: { readonly REDIS_URL: string }): Response | Promise<Response> },
  url: string,
): Promise<Served> {
  return serveLocally(createServer(getRequestListener((request, bindings) => app.fetch(request, { ...bindings, REDIS_URL: url }))), 0)
}
