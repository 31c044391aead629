import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { GatewayFault, GatewayFaultOptions } from '../../testing/upstash/fault.ts'
import { playFault } from '../../testing/upstash/play-fault.ts'

/** A REST server on loopback that hands requests on to another one, or misbehaves. */
export interface RestForwarder extends AsyncDisposable {
  readonly url: string
  set(fault: GatewayFault, options?: GatewayFaultOptions): void
}

/** Headers that belong to the connection and not to the message (RFC 9110 section 7.6.1), and what fetch undoes or sets by itself. */
const OWN = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
  'host',
  'content-length',
  'content-encoding',
  'accept-encoding',
])

/** @param target the address of the REST server; a path in it is kept */
export async function restForwarder(target: string): Promise<RestForwarder> {
  const sockets = new Set<Socket>()
  const pooled = new WeakSet<Socket>()
  let fault: GatewayFault = 'healthy'
  let dose: GatewayFaultOptions = {}

  const server = createServer((request, response) => {
    const isPooled = pooled.has(request.socket)
    pooled.add(request.socket)
    playFault(fault, dose, { request, response, isPooled, answer: () => void forward(target, request, response) })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    set(next, nextDose = {}) {
      fault = next
      dose = nextDose
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function forward(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const headers = Object.entries(request.headers).filter(([name, value]) => !OWN.has(name) && typeof value === 'string') as [string, string][]
    const answer = await fetch(target.replace(/\/+$/, '') + (request.url ?? ''), {
      method: request.method ?? 'POST',
      headers,
      body: await buffer(request),
      redirect: 'manual',
      signal: gone.signal,
    })
    const body = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => !OWN.has(name))))
    response.end(body)
  } catch {
    // The application is told by a reset, as by any gateway that cannot go on; it may be gone already.
    response.destroy()
  }
}
