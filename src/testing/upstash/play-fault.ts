import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { GatewayFault, GatewayFaultOptions } from './fault.ts'

/** One request and how to answer it well. */
export interface FaultyRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether this connection has served a request before. */
  readonly isPooled: boolean
  readonly answer: () => void
}

/** Does with one request what the fault says. */
export function playFault(fault: GatewayFault, options: GatewayFaultOptions, faulty: FaultyRequest): void {
  const { request, response, isPooled, answer } = faulty
  switch (fault) {
    case 'healthy':
      return answer()
    case 'slow':
      return answerLater(response, options.delay ?? 2_000, answer)
    case 'reset':
      return reset(request)
    case 'resetPooled':
      return isPooled ? reset(request) : answer()
    default:
      return afterBody(request, (body) => misbehave(fault, options, response, body))
  }
}

type Misbehaviour = Exclude<GatewayFault, 'healthy' | 'slow' | 'reset' | 'resetPooled'>

function misbehave(fault: Misbehaviour, options: GatewayFaultOptions, response: ServerResponse, body: string): void {
  switch (fault) {
    case 'noHeaders':
      return
    case 'bodyStops':
      return half(response)
    case 'bodyBreaks':
      // Once the half is on its way, or the reset overtakes it.
      return half(response, () => setTimeout(() => response.socket?.resetAndDestroy(), 20))
    case '500':
    case '429':
    case '401':
      return reply(response, Number(fault), 'application/json', JSON.stringify({ error: `ERR fault, command was: ${body}` }))
    case 'html':
      return reply(response, 200, 'text/html', `<!doctype html><title>Sign in</title><p>${body}`)
    case 'badJson':
      return reply(response, 200, 'application/json', `[{"result":"OK"},${body.slice(0, -1)}`)
    case 'wrongShape':
      return reply(response, 200, 'application/json', JSON.stringify({ ok: true, body }))
    case 'redirect':
    case 'redirectLoop':
      response.setHeader('location', fault === 'redirect' ? (options.redirectTo ?? '/elsewhere') : (response.req.url ?? '/'))
      return reply(response, 307, 'text/plain', '')
    case 'huge':
      return huge(response, options.bytes ?? 67_108_864)
  }
}

function reply(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type }).end(text)
}

function half(response: ServerResponse, afterwards: () => void = () => {}): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('[{"result":"half of', afterwards)
}

function huge(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const chunk = Buffer.alloc(65_536, 'x')
  function* pieces(): Generator<Buffer> {
    yield Buffer.from('[{"result":"')
    for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
    yield Buffer.from('"}]')
  }
  const source = Readable.from(pieces())
  // A client that hangs up ends it.
  response.on('close', () => source.destroy())
  source.pipe(response)
}

function answerLater(response: ServerResponse, delay: number, answer: () => void): void {
  const timer = setTimeout(answer, delay)
  response.on('close', () => clearTimeout(timer))
}

function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy()
}

function afterBody(request: IncomingMessage, then: (body: string) => void): void {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => then(Buffer.concat(pieces).toString()))
}
