import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Breaker } from '../local/backend.ts'
import { type LocalServer, serveLocally } from '../local/serve.ts'
import { createEventStream } from './event-stream.ts'
import { forward } from './forward.ts'
import { sendPageFile } from './page-files.ts'
import { createRequestLog } from './request-log.ts'
import { SWITCHES, switchTo } from './switches.ts'

/** What the playground stands before. */
export interface PlaygroundOptions {
  /** The port of loopback to listen on; 0 is any free one. */
  readonly port: number
  /** Where the Worker listens. */
  readonly worker: URL
  /** What stands behind the Worker, in one line. */
  readonly description: string
  /** The switch before Redis. */
  readonly breaker: Breaker
}

/** Requests that the page shows. */
const MOST_REQUESTS = 100

/**
 * Serves the page, the switches behind it, and everything else from the Worker, noting each request.
 *
 * @throws Error where the port is taken
 */
export async function startPlayground({ port, worker, description, breaker }: PlaygroundOptions): Promise<LocalServer> {
  const pages = createEventStream()
  /** Whether copies in memory may answer. */
  let hasCopies = false
  const connections = () => ({ total: breaker.counters.connections, open: breaker.counters.open })
  const log = createRequestLog(MOST_REQUESTS, (record) => pages.send('request', { record, connections: connections() }))
  const state = () => ({
    description,
    switches: SWITCHES,
    fault: breaker.fault,
    copies: hasCopies,
    connections: connections(),
    records: log.records,
  })

  async function pass(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const at = Date.now()
    const startedAt = performance.now()
    const before = connections().total
    const { code, answer, cooldown } = await forward(worker, request, response, { 'x-copies': hasCopies ? 'on' : 'off' })
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    log.add({ at, method: request.method ?? '', path, code, answer, ms, cooldown, connections: connections().total - before })
  }

  async function turn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const position = switchTo((await orderIn(request)).fault)
    if (position === undefined) return void response.writeHead(400).end('expected {"fault": one of the switches}\n')
    await breaker.set(position.fault)
    pages.send('fault', { fault: position.fault, connections: connections() })
    response.writeHead(204).end()
  }

  async function turnCopies(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { copies } = await orderIn(request)
    if (typeof copies !== 'boolean') return void response.writeHead(400).end('expected {"copies": true or false}\n')
    hasCopies = copies
    pages.send('copies', { copies })
    response.writeHead(204).end()
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path === '/playground/events') return pages.join(response, 'state', state())
    if (path === '/playground/fault' && request.method === 'POST') return turn(request, response)
    if (path === '/playground/copies' && request.method === 'POST') return turnCopies(request, response)
    // At the root a browser gets the page, and curl the Worker's list of routes.
    const isForPage = path !== '/' || request.headers.accept?.includes('text/html') === true
    if (isForPage && request.method === 'GET' && (await sendPageFile(path, response))) return
    if (path === '/favicon.ico') return void response.writeHead(204).end()
    await pass(request, response, path)
  }

  const server = createServer((request, response) => {
    // A page of another site whose name was turned to this address (DNS rebinding) comes with that name.
    if (!isLoopback(request.headers.host)) return void response.writeHead(403).end('this is for localhost only\n')
    answer(request, response).catch(() => response.destroy())
  })
  return serveLocally(server, port)
}

/** What a page asks for, as JSON: a form of another site cannot send that, so that only the page turns the switches. */
async function orderIn(request: IncomingMessage): Promise<{ readonly fault?: unknown; readonly copies?: unknown }> {
  const isJson = request.headers['content-type'] === 'application/json'
  const asked: unknown = isJson ? await json(request).catch(() => undefined) : undefined
  return asked ?? {}
}

/** Whether a Host field names this machine, with any port: an address may lead through a tunnel. */
function isLoopback(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host ?? '')
}
