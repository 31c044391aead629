import { type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What came of a forwarded request. */
export interface Forwarded {
  readonly code: number
  readonly answer: string
  /** ms of the cache's cooldown that are left. */
  readonly cooldown: number
}

/**
 * Passes a request on to the Worker and its answer back, as they stream.
 *
 * @param added headers that the Worker is to see beside the client's
 * @returns when the answer is through, or the client has left
 */
export async function forward(
  worker: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  added: Readonly<Record<string, string>>,
): Promise<Forwarded> {
  return new Promise((resolve) => {
    let forwarded: Forwarded = { code: 499, answer: '', cooldown: 0 }
    outgoing.once('close', () => {
      passed.destroy()
      resolve(forwarded)
    })
    const passed = request(
      {
        host: worker.hostname,
        port: worker.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, ...added },
        agent: false,
      },
      (answer) => {
        const { statusCode: code = 502 } = answer
        const said = answer.headers['x-cache']
        forwarded = { code, answer: typeof said === 'string' ? said : '', cooldown: Number(answer.headers['x-cooldown'] ?? 0) }
        outgoing.writeHead(code, answer.headers)
        answer.once('error', () => outgoing.destroy())
        answer.pipe(outgoing)
      },
    )
    passed.once('error', () => {
      if (outgoing.headersSent) return void outgoing.destroy()
      forwarded = { code: 502, answer: '', cooldown: 0 }
      outgoing.writeHead(502).end('The Worker did not answer\n')
    })
    incoming.pipe(passed)
  })
}
