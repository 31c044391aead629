import { once } from 'node:events'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Miniflare } from 'miniflare'
import { bundleWorker } from '../../../workers/local/bundle.ts'

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
  const server = createServer(getRequestListener((request, bindings) => app.fetch(request, { ...bindings, REDIS_URL: url })))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
